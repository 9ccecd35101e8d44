import Link from 'next/link';
import { buttonClasses } from '#app/_ui/button.tsx';
import { Message } from '#app/_ui/empty-page.tsx';

export default function RequestNotFound() {
  return (
    <Message title="There is no such request">
      <title>Not found · Countersign</title>
      <p>The address is wrong, or it never existed. Requests are never deleted.</p>
      <div>
        <Link href="/queue" className={buttonClasses('plain')}>
          To the queue
        </Link>
      </div>
    </Message>
  );
}
