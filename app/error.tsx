'use client';
import { EmptyPage } from '#app/_ui/empty-page.tsx';
import { Failure, type FailureProps } from '#app/_ui/failure.tsx';

export default function PageError(props: FailureProps) {
  return (
    <EmptyPage title="This page could not be shown">
      <Failure {...props} />
    </EmptyPage>
  );
}
