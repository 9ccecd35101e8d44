import { type LucideIcon, OctagonAlert, Shield, ShieldAlert, TriangleAlert } from 'lucide-react';
import type { RequestListItem } from '#approvals/views/queries.ts';
import { Badge, type Tone } from './badge.tsx';

const RISKS: Record<RequestListItem['risk'], { tone: Tone; icon: LucideIcon; word: string }> = {
  low: { tone: 'calm', icon: Shield, word: 'Low risk' },
  medium: { tone: 'warn', icon: ShieldAlert, word: 'Medium risk' },
  high: { tone: 'bad', icon: TriangleAlert, word: 'High risk' },
  critical: { tone: 'bad', icon: OctagonAlert, word: 'Critical risk' },
};

export function RiskBadge({ risk }: { risk: RequestListItem['risk'] }) {
  const { tone, icon, word } = RISKS[risk];
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  );
}
