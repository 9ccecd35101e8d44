'use client';
import './globals.css';
import { Button } from '#app/_ui/button.tsx';
import { EmptyPage } from '#app/_ui/empty-page.tsx';

/** When even the frame of the pages fails; there is no router here. */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en">
      <body>
        <EmptyPage title="Countersign could not be shown">
          <title>Error · Countersign</title>
          <p>Something went wrong in Countersign. Nothing was decided and nothing was sent by this.</p>
          {error.digest === undefined ? null : <p className="text-muted">Error id: {error.digest}</p>}
          <div>
            <Button onClick={() => window.location.reload()}>Try again</Button>
          </div>
        </EmptyPage>
      </body>
    </html>
  );
}
