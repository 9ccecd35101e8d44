'use client';
import { Menu } from '@base-ui/react/menu';
import { Check, ChevronDown, LogOut } from 'lucide-react';
import { useState } from 'react';
import { post } from '../_live/post.ts';
import { buttonClasses } from '../_ui/button.tsx';

const ITEM =
  'flex min-h-11 items-center gap-2 px-4 py-2 outline-none select-none data-highlighted:bg-hover data-highlighted:outline-2 data-highlighted:-outline-offset-2 data-highlighted:outline-accent';

interface Props {
  id: string;
  name: string;
  email: string;
  /** Who one may become; null outside the playable company. */
  people: { id: string; name: string; fallback: boolean }[] | null;
}

export function PersonMenu({ id, name, email, people }: Props) {
  const [problem, setProblem] = useState<string | null>(null);
  const go = async (path: string, fields: Record<string, string>, where: string | null) => {
    const reply = await post(path, fields);
    if (!reply.ok) setProblem(reply.sentence);
    else if (where === null) window.location.reload();
    else window.location.assign(where);
  };
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className={`${buttonClasses('quiet')} min-w-0 px-2`} aria-label={`Account: ${name}`}>
        <span className="max-w-[10rem] truncate">{name}</span>
        <ChevronDown aria-hidden className="size-4 shrink-0" />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="z-30 outline-none" sideOffset={4} align="end" collisionPadding={8}>
          <Menu.Popup className="w-80 max-w-[calc(100vw-1rem)] rounded-md border border-edge bg-surface py-1 shadow-lg outline-none">
            <Menu.Group>
              <Menu.GroupLabel className="px-4 py-2 text-sm text-muted">
                Signed in as {name}, {email}
              </Menu.GroupLabel>
              <Menu.Item className={ITEM} onClick={() => go('/api/session/end', {}, '/sign-in')}>
                <LogOut aria-hidden className="size-4" /> Sign out
              </Menu.Item>
            </Menu.Group>
            {people === null ? null : (
              <Menu.Group className="border-t border-line">
                <Menu.GroupLabel className="px-4 py-2 text-sm text-muted">
                  Playable company: PagerDuty is not the real one, so you may be anybody here, to see who may decide
                  what.
                </Menu.GroupLabel>
                {people.map((person) => (
                  <Menu.Item
                    key={person.id}
                    className={ITEM}
                    onClick={() => go('/api/play', { person: person.id }, null)}
                  >
                    <Check aria-hidden className={`size-4 ${person.id === id ? '' : 'invisible'}`} />
                    Become {person.name}
                    {person.fallback ? <span className="text-sm text-muted">· fallback group</span> : null}
                  </Menu.Item>
                ))}
              </Menu.Group>
            )}
            <p role="status" className="px-4 text-sm text-bad">
              {problem}
            </p>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
