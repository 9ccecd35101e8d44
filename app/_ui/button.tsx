import type { ComponentProps } from 'react';

const LOOKS = {
  primary: 'px-4 border-transparent bg-accent text-on-accent hover:bg-accent-strong font-semibold',
  plain: 'px-4 border-edge bg-surface text-ink hover:bg-hover font-semibold',
  quiet: 'px-2 border-transparent bg-transparent text-accent hover:bg-hover font-medium',
};

const OFF = 'px-4 border-line bg-sunken text-muted font-medium';

export const buttonClasses = (look: keyof typeof LOOKS, off = false) =>
  `inline-flex min-h-11 items-center justify-center gap-2 rounded-md border py-2 text-[0.9375rem] leading-tight select-none ${off ? OFF : LOOKS[look]}`;

interface Props extends ComponentProps<'button'> {
  look?: keyof typeof LOOKS;
  /** Switched off, but still reachable, so that the reason beside it is found. */
  off?: boolean;
}

export function Button({ look = 'plain', off = false, type = 'button', className = '', onClick, ...rest }: Props) {
  return (
    <button
      {...rest}
      type={type}
      aria-disabled={off || undefined}
      onClick={off ? (event) => event.preventDefault() : onClick}
      className={`${buttonClasses(look, off)} ${className}`}
    />
  );
}
