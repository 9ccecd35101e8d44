import { Skeleton } from '#app/_ui/skeleton.tsx';

export default function Loading() {
  return <Skeleton what="the request and reading PagerDuty" />;
}
