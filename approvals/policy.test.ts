import { describe, expect, test } from 'vitest';
import type { OnCall } from '#pagerduty/on-call.ts';
import { writeTools } from '#pagerduty/tools/index.ts';
import { TERMS } from './limits.ts';
import {
  admission,
  isStricter,
  isWebOnly,
  mayDecideOn,
  mayReview,
  maySeeSecrets,
  onCallNames,
  type Reviewer,
  raise,
  resolution,
  riskOf,
} from './policy.ts';

const entry = (userId: string, level: number, policyId = 'PE1') => ({
  userId,
  userName: `Name of ${userId}`,
  policyId,
  policyName: `Policy ${policyId}`,
  level,
  until: null,
});
const onCall: OnCall = {
  known: true,
  asOf: new Date(0),
  entries: [entry('U1', 1), entry('U2', 2), entry('U3', 3), entry('U1', 1, 'PE2')],
};
const down: OnCall = { known: false, because: 'PagerDuty did not answer.' };
const reviewer = { personId: 'p', name: 'P', pagerdutyUserId: 'U1', fallback: false, active: true };
const request = { requesterChain: ['owner', null], proposedBy: null, escalationPolicyIds: ['PE1'] };
const ruling = (
  over: Partial<typeof reviewer>,
  req = request,
  who: OnCall = onCall,
  decision: 'approve' | 'deny' = 'approve',
) => mayReview(decision, { ...reviewer, ...over }, req, who, 2);

describe('who may review', () => {
  test('is whoever is on call on level 1 or 2', () => {
    expect(ruling({})).toEqual({ allowed: true, as: 'on call for Policy PE1, level 1' });
    expect(ruling({ pagerdutyUserId: 'U2' }).allowed).toBe(true);
  });

  test('is not the third level, which is often everybody', () => {
    expect(ruling({ pagerdutyUserId: 'U3' })).toEqual({
      allowed: false,
      because:
        'You are not on call for what this touches. On call: Name of U1 (Policy PE1, level 1), Name of U1 (Policy PE2, level 1), Name of U2 (Policy PE1, level 2).',
    });
  });

  test('is nobody who is on no level', () => {
    const levelless: OnCall = { known: true, asOf: new Date(0), entries: [entry('U1', 0)] };
    expect(ruling({}, request, levelless).allowed).toBe(false);
  });

  test('is the fallback group, also when PagerDuty cannot be asked', () => {
    expect(ruling({ pagerdutyUserId: 'U9', fallback: true }).allowed).toBe(true);
    expect(ruling({ pagerdutyUserId: 'U9', fallback: true }, request, down).allowed).toBe(true);
    expect(ruling({}, request, down)).toMatchObject({
      allowed: false,
      because: expect.stringContaining('only the fallback group'),
    });
  });

  test('is never the requester, its owner or the human it acts for, whatever else they are', () => {
    for (const chain of [
      ['p', null],
      [null, 'p'],
    ]) {
      const own = { ...request, requesterChain: chain };
      expect(ruling({}, own)).toMatchObject({ allowed: false, because: expect.stringContaining('your own agent') });
      expect(ruling({ fallback: true }, own).allowed).toBe(false);
      expect(ruling({ fallback: true }, own, onCall, 'deny').allowed).toBe(false);
    }
  });

  test('is nobody without a link to PagerDuty, and nobody who was switched off', () => {
    const unlinked = { ...reviewer, pagerdutyUserId: null, fallback: true };
    expect(mayReview('approve', unlinked, request, onCall, 2).allowed).toBe(false);
    expect(ruling({ active: false, fallback: true }).allowed).toBe(false);
  });

  test('approving needs every policy that is touched, denying only one of them', () => {
    const both = { ...request, escalationPolicyIds: ['PE1', 'PE2'] };
    expect(ruling({}, both).allowed).toBe(true);
    expect(ruling({ pagerdutyUserId: 'U2' }, both)).toMatchObject({
      allowed: false,
      because: expect.stringContaining('only a part'),
    });
    expect(ruling({ pagerdutyUserId: 'U2' }, both, onCall, 'deny').allowed).toBe(true);
  });

  test('is only the fallback group when no policy is known', () => {
    const none = { ...request, escalationPolicyIds: [] };
    expect(ruling({}, none)).toMatchObject({
      allowed: false,
      because: expect.stringContaining('belongs to no escalation policy'),
    });
    expect(ruling({}, none, onCall, 'deny').allowed).toBe(false);
    expect(ruling({ fallback: true }, none).allowed).toBe(true);
  });

  test('is told by name, first level first, without the third level', () => {
    expect(onCallNames(onCall, 2)[0]).toBe('Name of U1 (Policy PE1, level 1)');
    expect(onCallNames(onCall, 2).join()).not.toContain('U3');
    expect(onCallNames(down, 2)).toEqual([]);
  });
});

describe('whoever asked, or answers for who asked', () => {
  const proposal = { ...request, requesterChain: ['owner', null, 'proposer'], proposedBy: 'proposer' };
  const because = (personId: string, of: typeof proposal | typeof request) => {
    const right = mayReview('deny', { ...reviewer, personId, fallback: true }, of, onCall, 2);
    return right.allowed ? null : right.because;
  };

  test('is told which of them they are', () => {
    expect(because('owner', request)).toMatch(/^It was asked by your own agent/);
    expect(because('proposer', proposal)).toMatch(/^You proposed it/);
    expect(because('owner', proposal)).toMatch(/^It undoes what your own agent asked for/);
    expect(because('somebody', proposal)).toBeNull();
  });
});

describe('where a decision may be made', () => {
  const risks = ['low', 'medium', 'high', 'critical'] as const;
  const may = (surface: 'web' | 'slack', decision: 'approve' | 'deny') =>
    risks.filter((risk) => mayDecideOn(surface, decision, risk).allowed);

  test('is the web for everything, Slack for denying and for approving what is neither high nor critical', () => {
    expect(may('web', 'approve')).toEqual(risks);
    expect(may('web', 'deny')).toEqual(risks);
    expect(may('slack', 'deny')).toEqual(risks);
    expect(may('slack', 'approve')).toEqual(['low', 'medium']);
    expect(risks.filter(isWebOnly)).toEqual(['high', 'critical']);
  });

  test('is told with the risk', () => {
    expect(mayDecideOn('slack', 'approve', 'critical')).toEqual({
      allowed: false,
      because: 'A critical risk is approved on the web, not in Slack.',
    });
  });
});

describe('what only humans may see', () => {
  const may = (changed: Partial<Reviewer>, approved: boolean) =>
    maySeeSecrets({ ...reviewer, ...changed }, approved, { ...request, requesterChain: ['owner'] }).allowed;

  test('is for those who approved, and for the fallback group', () => {
    expect(may({}, true)).toBe(true);
    expect(may({}, false)).toBe(false);
    expect(may({ fallback: true }, false)).toBe(true);
    expect(may({ fallback: true, pagerdutyUserId: null }, false)).toBe(false);
  });

  test('is never for the requester chain, nor for somebody who is switched off', () => {
    expect(may({ personId: 'owner', fallback: true }, true)).toBe(false);
    expect(may({ active: false, fallback: true }, true)).toBe(false);
  });
});

describe('what reviews amount to', () => {
  const approve = (personId: string, digest = 'd') => ({ personId, decision: 'approve' as const, digest });

  test('needs as many different people as required, all on this digest', () => {
    expect(resolution([approve('a')], 'd', 1)).toBe('approved');
    expect(resolution([approve('a'), approve('a')], 'd', 2)).toBeNull();
    expect(resolution([approve('a'), approve('b', 'other')], 'd', 2)).toBeNull();
    expect(resolution([approve('a'), approve('b')], 'd', 2)).toBe('approved');
    expect(resolution([], 'd', 1)).toBeNull();
  });

  test('is a denial as soon as one person denied', () => {
    const deny = { personId: 'c', decision: 'deny' as const, digest: 'd' };
    expect(resolution([approve('a'), approve('b'), deny], 'd', 1)).toBe('denied');
  });
});

describe('risk', () => {
  test('rises by levels and stops at critical', () => {
    expect(raise('low', 1)).toBe('medium');
    expect(raise('high', 5)).toBe('critical');
  });

  test('rises by one for an effect that cannot be told, and by one for suspicious text', () => {
    const tool = writeTools.add_note_to_incident;
    const input = tool.input.parse(tool.example);
    const known = (is: boolean): typeof tool => ({
      ...tool,
      risk: () => ({ level: 'low', reasons: ['It is low.'] }),
      summarize: () => ({ title: '', target: '', services: [], lines: [], effect: { known: is, lines: [] } }),
    });
    const levels = [known(true), known(false)].map((one) => [[], ['Odd.']].map((odd) => riskOf(one, input, {}, odd)));
    expect(levels.flat().map(({ level, reasons }) => [level, reasons.length])).toEqual([
      ['low', 1],
      ['medium', 2],
      ['medium', 2],
      ['high', 3],
    ]);
  });

  test('is stricter when it is higher, never when it is equal or lower', () => {
    expect(isStricter('high', 'critical')).toBe(true);
    expect(isStricter('low', 'medium')).toBe(true);
    expect(isStricter('high', 'high')).toBe(false);
    expect(isStricter('critical', 'low')).toBe(false);
  });

  test('critical needs two people, everything at least one', () => {
    expect(TERMS.critical.reviewsRequired).toBe(2);
    expect(Math.min(...Object.values(TERMS).map((terms) => terms.reviewsRequired))).toBe(1);
  });
});

describe('admission', () => {
  test('refuses text with no honest use in a write, and admits the rest', () => {
    expect(admission([])).toEqual({ allowed: true });
    expect(admission(['Mixes alphabets whose letters look alike.'])).toEqual({ allowed: true });
    expect(admission(['Contains invisible tag characters, which can carry hidden instructions.']).allowed).toBe(false);
    expect(admission(['Contains terminal escape sequences.']).allowed).toBe(false);
    expect(admission(['Contains characters that reorder text (bidirectional controls).']).allowed).toBe(false);
  });
});
