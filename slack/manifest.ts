import type { webApi } from '@slack/bolt';
import { VIEWS } from './view/actions.ts';

type Manifest = webApi.AppsManifestValidateArguments['manifest'];

const BOT_SCOPES = ['chat:write', 'commands', 'im:write', 'users:read', 'users:read.email'] as const;
const BOT_EVENTS = ['app_home_opened', 'user_change', 'app_uninstalled', 'tokens_revoked'] as const;

/**
 * The Slack app as Slack is told of it. A wrong name of a scope or an event does not compile.
 *
 * @param origin where Slack reaches us, e.g. `https://countersign.example.com`; null = Socket Mode, nothing does.
 */
export function manifest(origin: string | null): Manifest {
  const url = origin === null ? {} : { url: `${origin}/slack/events` };
  const requestUrl = origin === null ? {} : { request_url: `${origin}/slack/events` };
  return {
    _metadata: { major_version: 2, minor_version: 1 },
    display_information: {
      name: 'Countersign',
      description: 'Approve or deny what AI agents want to change in PagerDuty',
      long_description: [
        'Countersign holds every PagerDuty write that an AI agent asks for until somebody who is on call for it has',
        'seen what it would do and approved it. Requests arrive in one channel and as a direct message to whoever is on',
        'call. Deciding needs a Slack account that its owner has linked while signed in; what is risky is approved on',
        'the web.',
      ].join(' '),
      background_color: '#1f2937',
    },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: true },
      bot_user: { display_name: 'Countersign', always_online: true },
      slash_commands: [
        {
          command: '/countersign',
          description: 'What waits for you; link your account',
          usage_hint: 'queue | link | unlink | help',
          should_escape: true,
          ...url,
        },
      ],
      shortcuts: [
        { name: 'My approvals', type: 'global', callback_id: VIEWS.queue, description: 'What waits for my approval' },
      ],
    },
    oauth_config: { scopes: { bot: [...BOT_SCOPES] } },
    settings: {
      event_subscriptions: { bot_events: [...BOT_EVENTS], ...requestUrl },
      interactivity: { is_enabled: true, ...requestUrl },
      org_deploy_enabled: false,
      socket_mode_enabled: origin === null,
      token_rotation_enabled: false,
    },
  };
}
