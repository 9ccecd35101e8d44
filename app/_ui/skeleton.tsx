const BARS = ['w-2/3', 'w-full', 'w-5/6', 'w-full', 'w-1/2'];

/** Stands in for a page that is being read. */
export function Skeleton({ what }: { what: string }) {
  return (
    <div className="flex flex-col gap-4 px-4 pt-8 sm:px-0">
      <p role="status" className="text-muted">
        Loading {what}…
      </p>
      {BARS.map((width, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bars never change
        <div key={index} aria-hidden className={`h-5 animate-pulse rounded bg-line ${width}`} />
      ))}
    </div>
  );
}
