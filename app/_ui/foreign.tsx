import { reveal } from '#pagerduty/visible-text.ts';

/** Text that an agent or PagerDuty wrote: a text node, in its own direction, nothing hidden, nothing clickable. */
export function Foreign({ text, className }: { text: string; className?: string }) {
  return <bdi className={className}>{reveal(text)}</bdi>;
}
