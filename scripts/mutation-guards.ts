// biome-ignore-all lint/suspicious/noTemplateCurlyInString: guards are quoted as they stand in the source.

/** One guard of the product, and the product without it. */
export interface Guard {
  /** In `approvals/`. */
  file: string;
  /** What the product stops doing. */
  without: string;
  /** Exact text that occurs once in the file. */
  find: string;
  replace: string;
  /** A second guard that makes this one unneeded today; without it a test must notice. */
  otherwise?: string;
}

/** The unit tests that must notice, the likeliest first. */
export const TESTS: Record<string, readonly string[]> = {
  'canonical.ts': ['canonical', 'claim', 'submit'],
  'policy.ts': ['policy', 'review', 'claim', 'submit'],
  'submit.ts': ['submit', 'review'],
  'review.ts': ['review', 'claim'],
  'claim.ts': ['claim', 'send', 'worker'],
  'send.ts': ['send', 'worker'],
  'settle.ts': ['send', 'worker'],
  'cancel.ts': ['review'],
  'expire.ts': ['review'],
  'transition.ts': ['transition', 'claim', 'review', 'send', 'worker'],
  'worker.ts': ['worker'],
};

type Row = readonly [without: string, find: string, replace: string, otherwise?: string];

const of = (file: string, rows: readonly Row[]): Guard[] =>
  rows.map(([without, find, replace, otherwise]) => ({ file, without, find, replace, otherwise }));

export const GUARDS: readonly Guard[] = [
  ...of('canonical.ts', [
    ['refusing half surrogate pairs', 'if (!isWellFormed(value))', 'if (false)'],
    ['looking at keys for half surrogates', 'key.isWellFormed() && ', ''],
    ['looking for ambiguity at all', 'findAmbiguity(text);', 'null as string | null;'],
  ]),
  ...of('policy.ts', [
    ['refusing people who are switched off', 'if (!reviewer.active)', 'if (false)'],
    ['refusing the requester and its owner', 'request.requesterChain.includes(reviewer.personId)', 'false'],
    ['refusing people without a PagerDuty user', 'if (reviewer.pagerdutyUserId === null)', 'if (false)'],
    ['asking whether this person is on call', 'entry.userId === reviewer.pagerdutyUserId && ', ''],
    [
      'refusing when PagerDuty cannot say who is on call',
      'if (!onCall.known) return no(',
      "if (!onCall.known) return { allowed: true, as: 'x' };\n  if (!onCall.known) return no(",
    ],
    ['the limit of levels', '&& entry.level >= 1 && entry.level <= levels', '&& entry.level >= 1'],
    [
      'needing every policy for an approval',
      'covered.length === request.escalationPolicyIds.length',
      'covered.length > 0',
    ],
    [
      'letting a deny outweigh approvals',
      "if (reviews.some((review) => review.decision === 'deny')) return 'denied';",
      "if (reviews.every((review) => review.decision === 'deny')) return 'denied';",
    ],
    [
      'counting only reviews of these bytes',
      "review.decision === 'approve' && review.digest === digest",
      "review.decision === 'approve'",
    ],
    [
      'counting only approvals',
      "review.decision === 'approve' && review.digest === digest",
      'review.digest === digest',
      'a deny has ended it a few lines above',
    ],
    [
      'counting people instead of reviews',
      'const approvers = new Set(',
      'const approvers = ((ids: string[]) => ({ size: ids.length }))(',
    ],
    ['a quorum', 'approvers.size >= reviewsRequired', 'approvers.size >= 1'],
    ['blocking text that has no honest use', 'return bad === undefined\n', 'return true\n'],
    ['raising a risk', 'RISKS.indexOf(risk) + levels', 'RISKS.indexOf(risk)'],
    [
      'stopping at critical',
      'Math.min(RISKS.indexOf(risk) + levels, RISKS.length - 1)',
      '(RISKS.indexOf(risk) + levels)',
      'a level past the last is read as critical',
    ],
    ['noticing a stricter risk', 'RISKS.indexOf(now) > RISKS.indexOf(than)', 'false'],
  ]),
  ...of('submit.ts', [
    [
      'refusing agents that are switched off',
      "if (!agent || agent.disabledAt !== null) throw new ApprovalError('forbidden', 'This agent is switched off.');\n  if (!agent.canWrite)",
      'if (!agent?.canWrite)',
      'asking again under the lock; asking first spares the reading',
    ],
    [
      'seeing under the lock that the agent was switched off',
      '    if (!agent || agent.disabledAt !== null)',
      '    if (!agent)',
    ],
    ['refusing agents that may only read', 'if (!agent.canWrite)', 'if (false)'],
    ['refusing unknown tools', 'if (tool === undefined)\n', 'if (tool === null)\n'],
    ['the limit of 32 KB', 'if (bytes > ctx.limits.argumentsBytes)', 'if (false)'],
    ['refusing an empty idempotency key', "key === '' || ", ''],
    ['refusing a long idempotency key', ' || key.length > ctx.limits.idempotencyKeyCharacters', ''],
    [
      'refusing a key that named another ask',
      'if (keyed.tool === ask.tool && keyed.argumentsDigest === argumentsDigest) return keyed;',
      'return keyed;',
    ],
    ['comparing the tool of a key', 'keyed.tool === ask.tool && ', ''],
    [
      'comparing the agent of an open ask',
      'const mine = eq(approvalRequests.agentId, agentId);',
      'const mine = sql`true`;',
    ],
    ['attaching only to what is open', 'inArray(approvalRequests.status, OPEN),', ''],
    [
      'looking again under the lock',
      'const same = await findSame(tx, agentId, ask, argumentsDigest);',
      'const same = null as RequestRow | null;',
    ],
    [
      'one agent at a time',
      'await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${agentId}, 0))`);',
      '',
    ],
    ['the flood limit', '>= ctx.limits.pendingPerAgent', '>= Number.POSITIVE_INFINITY'],
    ['the exact flood limit', '>= ctx.limits.pendingPerAgent', '> ctx.limits.pendingPerAgent'],
    ['the flood limit under the lock', '    await refuseFlood(ctx, tx, agentId);\n', ''],
    ['refusing what makes no sense on what was read', 'if (!admitted.holds)', 'if (false)'],
    ['a higher risk for suspicious text', '(found.length > 0 ? 1 : 0)', '0'],
    ['replacing the older ask', 'if (ruling.allowed) await supersede(ctx, tx, agentId, row);', ''],
    ['sparing older asks when the new one is blocked', 'if (ruling.allowed) await supersede', 'await supersede'],
    ['recording what was blocked as blocked', "status: ruling.allowed ? 'pending' : 'blocked',", "status: 'pending',"],
    ['the locks of what is touched', 'if (subjects.length > 0)', 'if (false)'],
    ['the first event', 'await tx.insert(events).values({', 'if (tx === undefined) await events; void ({'],
  ]),
  ...of('review.ts', [
    [
      'refusing who is not entitled',
      "if (!right.allowed) throw new ApprovalError('forbidden', right.because);",
      'if (!right.allowed) right.because;',
    ],
    ['comparing the digest', 'if (row.digest !== input.digest)', 'if (false)'],
    ['asking whether the status allows it', 'if (!permission.allowed)', 'if (false)'],
    [
      'looking again under the lock',
      'const row = refuseBySight(locked?.row, input);',
      'const row = locked?.row ?? seen;',
    ],
    [
      'the lock',
      "      .where(eq(approvalRequests.id, seen.id))\n      .for('update');",
      '      .where(eq(approvalRequests.id, seen.id));',
    ],
    ['the time to decide', 'if (locked?.late && ', 'if (false && '],
    ['one decision a person', '.onConflictDoNothing()\n', ''],
    [
      'letting only people review',
      'const { personId, surface } = requirePerson(ctx.actor);',
      "const { personId, surface } = { personId: 'prs_priya', surface: 'web', ...ctx.actor };",
    ],
    [
      'letting a deny end what is approved',
      "const from = row.status === 'approved' ? 'approved' : 'pending';",
      "const from = 'pending';",
    ],
    ['the term of an approval', 'later(ctx.now, ctx.limits.approvalValidSeconds)', 'later(ctx.now, 1e6)'],
    ['counting to the quorum', "if (outcome === 'approved')", 'if (true)'],
  ]),
  ...of('claim.ts', [
    [
      'looking at the status',
      "if (row.status !== 'approved')",
      'if (false)',
      'the guarded UPDATE; looking first spares the reading',
    ],
    [
      'taking a broken index for a busy subject',
      'isSubjectTaken(error) || (lost && (await isBusy(ctx, row.id)))',
      'lost && (await isBusy(ctx, row.id))',
      'the subject rows that the claim locks before it takes them',
    ],
    ['asking about the subject inside the transaction', ' and not ${occupied(ctx, row.id)}`', '`'],
    [
      'waiting for what may still arrive',
      "(other.executing or (holder.status = 'unknown' and holder.settle_after > ${ctx.now()}))",
      'other.executing',
    ],
    [
      'refusing agents that are switched off',
      'if (!agent || agent.disabledAt !== null || !agent.canWrite)',
      'if (!agent)',
    ],
    ['refusing agents that may only read now', ' || !agent.canWrite)', ')'],
    ['asking about the agent inside the transaction', ' and ${agentOn} and ${approversOn}', ' and ${approversOn}'],
    ['asking about the approvers inside the transaction', ' and ${approversOn} and not', ' and not'],
    ['the term of an approval', '${approvalRequests.approvalExpiresAt} > ${ctx.now()} and ${agentOn}', '${agentOn}'],
    ['counting the approvals', 'if (approvers.length < needed)', 'if (false)'],
    ['counting by the risk', 'Math.max(row.reviewsRequired, TERMS[row.risk].reviewsRequired)', 'row.reviewsRequired'],
    [
      'counting distinct approvers',
      '[...new Set(approvals.map((one) => one.personId))]',
      'approvals.map((one) => one.personId)',
      'the unique index one_review_per_person',
    ],
    ['counting only approvals', "all.filter((one) => one.decision === 'approve')", 'all'],
    ['the digest of the stored text', 'if (digestOf(row.canonical) !== row.digest)', 'if (false)'],
    ['the digests of the reviews', 'if (digests.some((digest) => digest !== row.digest))', 'if (false)'],
    ['computing the call again', 'return again === row.canonical\n', 'return again !== undefined\n'],
    ['the version of the tool', ' || tool.version !== row.toolVersion', ''],
    ['asking the rights again', 'const obstacle = rights ?? world;', 'const obstacle = world;'],
    [
      'a fresh reading of who is on call',
      'ctx.onCall.get(row.escalationPolicyIds, 0)',
      'ctx.onCall.get(row.escalationPolicyIds, 3600)',
    ],
    ['waiting while PagerDuty cannot say who is on call', 'if (!onCall.known) return { wait: onCall.because };', ''],
    ['looking for drift', 'if (!same.holds)', 'if (false)'],
    ['looking for a stricter policy', 'return isStricter(row.risk, risk) ?', 'return false ?'],
    ['waiting while PagerDuty is away', 'return { wait: error.message };', 'return stale(error.message);'],
    ['ending what no longer exists', "if (error.kind === 'not_found')", 'if (false)'],
    ['resolving From by the last approver', "approvers.at(-1) ?? ''", "approvers[0] ?? ''"],
    [
      'the whole deadline of an attempt',
      'limits.sendWithinSeconds + limits.callTimeoutSeconds + limits.deathMarginSeconds',
      'limits.sendWithinSeconds',
    ],
  ]),
  ...of('send.ts', [
    ['the monotonic deadline', 'return performance.now() < deadlineMs;', 'return deadlineMs > 0;'],
    [
      'the fence',
      'and(eq(attempts.requestId, claim.request.id), eq(attempts.fence, claim.fence))',
      'eq(attempts.requestId, claim.request.id)',
    ],
    [
      'telling unknown from failed',
      "if (outcome.kind === 'unknown') return { to: 'unknown'",
      "if (outcome.kind === 'unknown') return { to: 'failed'",
    ],
    [
      'telling rejected from unknown',
      "if (outcome.kind === 'rejected') return { to: 'failed'",
      "if (outcome.kind === 'rejected') return { to: 'unknown'",
    ],
    ['believing a refusal inside a 2xx', 'if (answer.applied) return', 'if (answer) return'],
    [
      'calling an unreadable 2xx unknown',
      "return { to: 'unknown', because: 'PagerDuty answered in a shape that is not known.' };",
      "return { to: 'succeeded', because: 'x' };",
      'no tool throws on a body it does not know; each has a test of its own',
    ],
    [
      'letting a late outcome settle what is unknown',
      "if (request.status === 'unknown' && verdict.to !== 'unknown')",
      'if (false)',
    ],
    ['the settle window', 'later(ctx.now, ctx.limits.settleWindowSeconds)', 'ctx.now()'],
  ]),
  ...of('settle.ts', [
    ['waiting for the deadline of a dead sender', 'sql`${attempts.deadlineAt} <= ${ctx.now()}`', 'sql`true`'],
    ['sweeping only what is executing', "eq(approvalRequests.status, 'executing'), ", ''],
    ['the settle window of a reading', '(evidence.applied === false && windowOver)', 'evidence.applied === false'],
    [
      'settling "applied" at once',
      'evidence.applied === true || (evidence.applied',
      '(windowOver && evidence.applied === true) || (evidence.applied',
    ],
    ['telling "cannot tell" from "not applied"', 'if (!decided)', 'if (evidence.applied === null && false)'],
    [
      'settling only what is unknown',
      "if (!permission.allowed) throw new ApprovalError('conflict', permission.because);",
      '',
      'the guarded UPDATE; looking first spares the reading',
    ],
    ['the settle window of a statement', 'if (!statement.applied && !windowOver)', 'if (false)'],
    [
      'the rights of who states it',
      "if (!right.allowed) throw new ApprovalError('forbidden', right.because);",
      'if (!right.allowed) return request;',
    ],
    ['evidence', 'if (evidence.length < 10)', 'if (false)'],
    [
      'letting only people state it',
      'const { personId } = requirePerson(ctx.actor);',
      "const { personId } = { personId: 'prs_priya', ...ctx.actor };",
    ],
    [
      'taking an error of the reading for "cannot tell"',
      'if (error instanceof PagerDutyError) return { applied: null, because: error.message };',
      'if (error instanceof PagerDutyError) return { applied: false, because: error.message };',
    ],
  ]),
  ...of('cancel.ts', [
    ['asking whose agent it is', 'return actor.agentId === row.agentId;', 'return true;'],
    [
      'asking whose owner it is',
      'return actor.personId === row.ownerId || actor.personId === row.actsForId;',
      'return true;',
    ],
    ['letting the human it acts for withdraw', ' || actor.personId === row.actsForId', ''],
    ['asking whether it is too late', 'if (!permission.allowed)', 'if (false)'],
    [
      'the lock',
      "      .where(eq(approvalRequests.id, input.requestId))\n      .for('update');",
      '      .where(eq(approvalRequests.id, input.requestId));',
      'the guarded UPDATE; the lock spares a needless conflict',
    ],
    ['withdrawing what is approved', "['pending', 'approved'])", "['pending'])"],
  ]),
  ...of('expire.ts', [
    [
      'the exact expiry of an ask',
      'sql`${approvalRequests.expiresAt} <= ${ctx.now()}`',
      'sql`${approvalRequests.expiresAt} < ${ctx.now()}`',
    ],
    [
      'the exact term of an approval',
      'sql`${approvalRequests.approvalExpiresAt} <= ${ctx.now()}`',
      'sql`${approvalRequests.approvalExpiresAt} < ${ctx.now()}`',
    ],
    ['sparing what the agent knows of', '      isNull(approvalRequests.deliveredAt),\n', ''],
    ['withdrawing orphans', 'sql`${orphanedSince} <= ${ctx.now()}`', 'sql`false`'],
  ]),
  ...of('transition.ts', [
    [
      'the guard of version',
      '        eq(approvalRequests.version, version),\n        change.provided,\n      ),\n    )\n    .returning();\n  if (row === undefined) throw lost(change.request);\n  if (to',
      '        change.provided,\n      ),\n    )\n    .returning();\n  if (row === undefined) throw lost(change.request);\n  if (to',
    ],
    ['the guard of status', '        eq(approvalRequests.status, from),\n', ''],
    ['the lock of the subjects', "if (to === 'executing' || from === 'executing')", 'if (false)'],
    ['releasing the subjects', "if (to === 'executing' || from === 'executing')", "if (to === 'executing')"],
    [
      'the event',
      'await record(tx, now, row, from, change);\n  return row;',
      'if (row === undefined) await record(tx, now, row, from, change);\n  return row;',
    ],
    ['telling everybody', '  await announce(tx, row);\n}', '}'],
    ['the end of what is final', '...(isFinal(to) ? { finishedAt: now() } : {}),', ''],
    ['ending the lease', 'leasedUntil: null,', ''],
    [
      'taking no row for a conflict',
      '  if (row === undefined) throw lost(change.request);\n  if (to',
      '  if (row === undefined) return change.request as RequestRow;\n  if (to',
    ],
  ]),
  ...of('worker.ts', [
    [
      'sparing what another worker looks at',
      'const free = or(',
      'const free = true || or(',
      'the claim; a lease only spares work',
    ],
    ['waiting before it looks at an obstacle again', 'later(ctx.now, ctx.limits.claimAgainSeconds)', 'ctx.now()'],
    ['sweeping the dead', '[sweepDead(clock), expire(clock)', '[expire(clock)'],
    ['the clock', ', expire(clock), settleSome()', ', settleSome()'],
    [
      'settling after the window only',
      'sql`${approvalRequests.settleAfter} <= ${ctx.now()}`',
      'sql`true`',
      'settle() believes "not applied" only after the window',
    ],
    ['finishing what is being sent before it stops', '      await Promise.all([...running, ...settling]);\n', ''],
    ['taking nothing new after it stops', '    if (stopped) return;\n', ''],
    ['being woken by a decision', "if (change === null || change.status === 'approved') sending.wake();", ''],
  ]),
];
