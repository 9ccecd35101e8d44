import type { App } from '@slack/bolt';
import { addDelivery } from '#outbox/deliveries.ts';
import { inPlace } from '#outbox/place.ts';
import { reconsider } from '../../members.ts';
import type { Serving } from '../who.ts';

/** What happens in Slack without anybody pressing anything of ours. */
export function listenForEvents(app: App, to: Serving): void {
  const { ctx } = to;
  app.event('app_home_opened', async ({ event, body }) => {
    if (event.tab !== 'home' || body.team_id !== (await to.team.id())) return;
    const place = inPlace({ kind: 'home', userId: event.user });
    await addDelivery(ctx.db, ctx.now, { kind: 'slack', requestId: null, ...place });
  });
  app.event('user_change', async ({ event, body }) => {
    const { user } = event;
    if (body.team_id !== (await to.team.id())) return;
    await reconsider(ctx, { teamId: body.team_id, userId: user.id }, user);
  });
  for (const name of ['app_uninstalled', 'tokens_revoked'] as const) {
    app.event(name, async () => {
      ctx.log.error(
        'Slack no longer lets us in: the app was removed or its token was revoked. Nobody is told in Slack.',
      );
    });
  }
}
