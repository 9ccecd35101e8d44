import type { App, BlockAction, ButtonAction, webApi } from '@slack/bolt';
import { slackQueue } from '#approvals/views/slack-queue.ts';
import { startSlackLink, unlinkSlack } from '#identity/slack-identities.ts';
import { unfit } from '../../members.ts';
import { ACTIONS, VIEWS } from '../../view/actions.ts';
import { queueBlocks } from '../../view/home.ts';
import { type LinkOffer, linkModal, queueModal, refusalModal } from '../../view/modals.ts';
import { refusalIn, sentence, type Told } from '../answer.ts';
import { type Clicker, type Serving, whoIs } from '../who.ts';

// What a person does about their own account and queue: /countersign, the shortcut, and the button that links.

const HELP = [
  '/countersign queue: what waits for you',
  '/countersign link: link your Slack account to your person here',
  '/countersign unlink: end that',
].join('\n');

/** A one-use link for whoever Slack says is a full member of our workspace; or why there is none. */
async function linkFor(
  to: Serving,
  client: webApi.WebClient,
  clicker: Clicker,
): Promise<LinkOffer | { because: string }> {
  const teamId = await to.team.id();
  if (clicker.teamId !== teamId) return { because: 'Only members of this workspace can be linked.' };
  const { user } = await client.users.info({ user: clicker.userId });
  const because = unfit(user, teamId);
  if (because !== null) return { because };
  const token = await startSlackLink(to.ctx, {
    teamId,
    userId: clicker.userId,
    enterpriseId: user?.enterprise_user?.enterprise_id ?? null,
    userName: user?.profile?.real_name || user?.real_name || user?.name || clicker.userId,
    email: user?.profile?.email ?? null,
  });
  const who = await whoIs(to, clicker);
  return { url: `${to.publicUrl}/link/slack/${token}`, linkedTo: who.known ? who.name : null };
}

async function answerTo(to: Serving, client: webApi.WebClient, word: string, clicker: Clicker): Promise<Told> {
  switch (word) {
    case 'link': {
      const link = await linkFor(to, client, clicker);
      if ('because' in link) return sentence(link.because);
      const { blocks } = linkModal(link);
      return { text: 'Link your account. The link is yours alone and works once.', blocks };
    }
    case 'unlink': {
      const ended = await unlinkSlack(to.ctx, { teamId: await to.team.id(), userId: clicker.userId }, 'by themselves');
      return sentence(ended ? 'Your Slack account is no longer linked.' : 'Your Slack account was not linked.');
    }
    case 'queue': {
      const who = await whoIs(to, clicker);
      if (!who.known) return sentence(who.because, { link: who.linkable });
      const queue = await slackQueue(who.ctx);
      return { text: `${queue.waiting.length} waiting for you.`, blocks: queueBlocks(queue, to.publicUrl) };
    }
    default:
      return sentence(HELP);
  }
}

/** `/countersign`, answered to whoever typed it and nobody else. */
function onCommand(app: App, to: Serving): void {
  app.command('/countersign', async ({ ack, command, client }) => {
    const clicker = { teamId: command.team_id, userId: command.user_id };
    const word = command.text.trim().split(/\s+/)[0]?.toLowerCase() ?? '';
    let told: Told;
    try {
      told = await answerTo(to, client, word || 'queue', clicker);
    } catch (error) {
      told = sentence(refusalIn(error));
    }
    await ack({ response_type: 'ephemeral', ...told });
  });
}

/** The shortcut and the button to link, which open a modal. */
function onModals(app: App, to: Serving): void {
  app.action<BlockAction<ButtonAction>>(
    { type: 'block_actions', action_id: ACTIONS.link },
    async ({ ack, body, client }) => {
      const clicker = { teamId: body.team?.id, userId: body.user.id, homeTeamId: body.user.team_id };
      const link = await linkFor(to, client, clicker);
      const view = 'because' in link ? refusalModal(link.because) : linkModal(link);
      await client.views.open({ trigger_id: body.trigger_id, view });
      await ack();
    },
  );
  app.shortcut(VIEWS.queue, async ({ ack, body, client }) => {
    const who = await whoIs(to, { teamId: body.team?.id, userId: body.user.id, homeTeamId: body.user.team_id });
    const view = who.known ? queueModal(await slackQueue(who.ctx), to.publicUrl) : refusalModal(who.because);
    await client.views.open({ trigger_id: body.trigger_id, view });
    await ack();
  });
}

/** What a person does about their own account and queue. */
export function listenForAccounts(app: App, to: Serving): void {
  onCommand(app, to);
  onModals(app, to);
}
