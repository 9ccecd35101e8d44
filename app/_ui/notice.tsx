import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { type Tone, toneClasses } from './badge.tsx';

/** Something a reader must not miss: a bold sentence and what it means. */
export function Notice({
  tone,
  icon: Icon,
  title,
  children,
}: {
  tone: Tone;
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
}) {
  return (
    <div className={`flex gap-3 rounded-md border px-4 py-3 ${toneClasses(tone)}`}>
      <Icon aria-hidden className="mt-0.5 size-5 shrink-0" />
      <div className="min-w-0">
        <p className="font-semibold">{title}</p>
        {children}
      </div>
    </div>
  );
}
