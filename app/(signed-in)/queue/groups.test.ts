import { describe, expect, test } from 'vitest';
import { OPEN } from '#approvals/lifecycle.ts';
import type { RequestListItem } from '#approvals/views/queries.ts';
import { groupOpen } from './groups.ts';

const NOW = Date.UTC(2026, 0, 1);

function item(id: string, status: RequestListItem['status'], minutesLeft = 30): RequestListItem {
  return {
    id,
    status,
    version: 1,
    final: false,
    risk: 'low',
    title: id,
    services: [],
    proposedByName: null,
    agentName: 'bot',
    createdAt: new Date(NOW),
    expiresAt: new Date(NOW + minutesLeft * 60_000),
    finishedAt: null,
    because: null,
    reviewsRequired: 1,
  };
}

describe('the groups of the queue', () => {
  test('put what runs out first and what is being sent last', () => {
    const items = [
      item('sent', 'executing'),
      item('calm', 'pending'),
      item('lost', 'unknown'),
      item('soon', 'pending', 4),
    ];
    expect(groupOpen(items, NOW).map(({ items: [first] }) => first?.id)).toEqual(['soon', 'lost', 'calm', 'sent']);
  });

  test('show every open request exactly once', () => {
    const items = OPEN.map((status) => item(status, status));
    const shown = groupOpen(items, NOW).flatMap((group) => group.items.map(({ id }) => id));
    expect(shown.sort()).toEqual([...OPEN].sort());
  });

  test('leave out what is empty', () => {
    expect(groupOpen([], NOW)).toEqual([]);
  });
});
