import {
  Ban,
  CircleCheck,
  CircleHelp,
  CircleSlash,
  CircleX,
  Clock,
  History,
  Hourglass,
  type LucideIcon,
  SendHorizontal,
  ThumbsUp,
  Undo2,
} from 'lucide-react';
import { MEANING, type RequestStatus } from '#approvals/lifecycle.ts';
import { Badge, type Tone } from './badge.tsx';

export const STATUS_SIGNS: Record<RequestStatus, { tone: Tone; icon: LucideIcon }> = {
  blocked: { tone: 'bad', icon: Ban },
  pending: { tone: 'info', icon: Hourglass },
  approved: { tone: 'info', icon: ThumbsUp },
  executing: { tone: 'info', icon: SendHorizontal },
  succeeded: { tone: 'good', icon: CircleCheck },
  failed: { tone: 'bad', icon: CircleX },
  unknown: { tone: 'odd', icon: CircleHelp },
  denied: { tone: 'calm', icon: CircleSlash },
  expired: { tone: 'calm', icon: Clock },
  cancelled: { tone: 'calm', icon: Undo2 },
  stale: { tone: 'warn', icon: History },
};

export function StatusBadge({ status }: { status: RequestStatus }) {
  const { tone, icon } = STATUS_SIGNS[status];
  return (
    <Badge tone={tone} icon={icon}>
      {MEANING[status].word}
    </Badge>
  );
}
