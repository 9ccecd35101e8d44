import type { webApi } from '@slack/bolt';

/** The workspace whose people may act here. */
export interface Team {
  /** @throws what Slack's client throws while Slack cannot be asked. */
  id(): Promise<string>;
}

/** Asks Slack whose token ours is, once. Until it has answered nobody from Slack may do anything. */
export function ownTeam(client: webApi.WebClient): Team {
  let known: string | null = null;
  return {
    async id() {
      if (known !== null) return known;
      const { team_id: id } = await client.auth.test();
      if (id === undefined) throw new Error('Slack did not say whose token this is');
      known = id;
      return id;
    },
  };
}
