import Link from 'next/link';
import { buttonClasses } from '#app/_ui/button.tsx';
import { EmptyPage } from '#app/_ui/empty-page.tsx';

export default function NotFound() {
  return (
    <EmptyPage title="There is nothing here">
      <title>Not found · Countersign</title>
      <p>The address is wrong.</p>
      <div>
        <Link href="/queue" className={buttonClasses('plain')}>
          To the queue
        </Link>
      </div>
    </EmptyPage>
  );
}
