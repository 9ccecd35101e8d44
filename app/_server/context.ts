import { createTouchedReader } from '#approvals/touched.ts';
import 'server-only';
import { listenForChanges } from '#approvals/changes.ts';
import type { Context } from '#approvals/context.ts';
import { LIMITS } from '#approvals/limits.ts';
import { databaseClock } from '#db/clock.ts';
import { connect } from '#db/connection.ts';
import type { Actor } from '#identity/actor.ts';
import { createOnCallReader } from '#pagerduty/on-call.ts';
import { createReadClient } from '#pagerduty/read-client.ts';
import { createLog } from '#process/log.ts';
import { type RoleSettings, roleSettings } from '#process/settings/roles.ts';
import { type Base, webProcess } from './process.ts';

function build(settings: RoleSettings['web']): Base {
  const log = createLog('web');
  const db = connect(settings.databaseUrl);
  const pagerduty = createReadClient({
    baseUrl: settings.pagerdutyUrl,
    token: settings.readToken,
    // Somebody looks at an empty page meanwhile: better to say soon that PagerDuty does not answer.
    timeoutMs: 3_000,
    tries: 2,
  });
  return {
    db,
    pagerduty,
    onCall: createOnCallReader(pagerduty),
    touched: createTouchedReader(pagerduty),
    now: databaseClock,
    limits: LIMITS,
    secretsKey: settings.secretsKey,
    toolsets: settings.toolsets,
    log,
    changes: listenForChanges({ url: settings.databaseUrl, db, log }),
    settings,
  };
}

/** The one connection of this process to everything, made at first use. */
export function base(): Base {
  const shared = webProcess();
  shared.base ??= build(roleSettings('web', process.env));
  return shared.base;
}

export function contextFor(actor: Actor): Context {
  return { ...base(), actor };
}
