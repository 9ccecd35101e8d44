/** Where a tool behaves differently from the one of the same name in PagerDuty's own MCP server. */
export interface Deviation {
  /** Names of the tools; `*` = all, `writes`, `reads`. */
  tools: readonly string[];
  official: string;
  here: string;
  why: string;
}

export const DEVIATIONS: readonly Deviation[] = [
  {
    tools: ['writes'],
    official: 'Runs at once; the only guard is a sentence in the prompt.',
    here: 'Held until a human approved it; takes `reason` and `idempotency_key` besides its own arguments.',
    why: 'This is what Countersign is for.',
  },
  {
    tools: ['*'],
    official: 'Most models ignore arguments they do not know.',
    here: 'Unknown arguments are refused by name.',
    why: 'A misspelt argument that is dropped changes what is done without anybody noticing.',
  },
  {
    tools: ['*'],
    official: 'An object that arrives as its JSON text is refused.',
    here: 'A whole object or list is taken when it can be read in one way only; the elements of a list have to be objects, except in routing rules.',
    why: 'Many models send it so, and a refusal sends them round in circles.',
  },
  {
    tools: ['*'],
    official: 'Ids such as `""`, `"null"` or quotes are mostly passed on.',
    here: 'They are refused with a sentence.',
    why: 'A blank id turns a question about one thing into one about all.',
  },
  {
    tools: ['reads'],
    official: '`limit` is often only a page size; up to 1,000 items come back.',
    here: '`limit` means limit: 25 unless given, at most 100, with a note when there is more.',
    why: 'What an agent does not need fills its context.',
  },
  {
    tools: ['reads'],
    official: 'Answers carry mail addresses, phones and integration keys where PagerDuty sends them.',
    here: 'An allow-list of fields per tool; contact data and secrets never leave; hidden characters are made visible.',
    why: 'Agents act on ids, and what they read may be shown to others.',
  },
  {
    tools: ['*'],
    official: 'Some answers are text that contains JSON.',
    here: 'Structured content and one sentence.',
    why: 'A client can check it against a schema.',
  },
  {
    tools: ['manage_incidents'],
    official:
      'Takes `assignement` (sic); `assignment` is dropped and reported as a success. Up to four PUTs, one after the other.',
    here: 'Takes both spellings. One PUT; a status together with an assignee is refused; at most 10 incidents.',
    why: 'One approval is one call; PagerDuty would trigger an incident that is assigned anew.',
  },
  {
    tools: ['create_incident'],
    official: 'Sent again after a lost answer, up to three times.',
    here: 'Sent once, with a key by which PagerDuty opens it at most once and by which it is found again.',
    why: 'A lost answer must not page four times.',
  },
  {
    tools: ['add_note_to_incident', 'add_responders'],
    official: 'Sends the text as it is.',
    here: 'A mark with the id of the request is appended.',
    why: 'So a lost call can be told from somebody else’s.',
  },
  {
    tools: ['add_responders'],
    official: 'With an account key, text that explains an error, as a success.',
    here: 'Asks in the name of the person behind the agent; refused when there is none.',
    why: 'An error that looks like a success is taken for one.',
  },
  {
    tools: ['create_schedule_override', 'create_schedule_v3_custom_shifts', 'create_schedule_v3_overrides'],
    official: 'Takes a list.',
    here: 'Exactly one per request.',
    why: 'PagerDuty may accept some of a list and refuse others, and each needs its own yes.',
  },
  {
    tools: ['create_schedule'],
    official: 'Says that rotations may be in the body; PagerDuty refuses that.',
    here: 'Refused with the tool to use instead.',
    why: 'The sentence of the schema was wrong.',
  },
  {
    tools: ['create_schedule'],
    official: 'A name may be taken already.',
    here: 'A name that is taken is refused.',
    why: 'A lost call is found again by its name.',
  },
  {
    tools: ['update_schedule'],
    official: 'Reads the schedule while writing, to fill in what is missing.',
    here: 'Fills in nothing: sends only the fields that were asked for.',
    why: 'What is sent must be what was shown.',
  },
  {
    tools: ['update_schedule_v3_rotation_event'],
    official: 'Replaces the whole event.',
    here: 'Sends what differs; `effective_until: "never"` takes the end away.',
    why: 'PagerDuty refuses the other fields once a shift is in force.',
  },
  {
    tools: ['update_schedule_v3_override'],
    official: 'Takes who is overridden and sends nothing of it.',
    here: 'Taken; refused when it is somebody else.',
    why: 'It cannot be changed.',
  },
  {
    tools: ['create_service', 'update_service'],
    official: 'Sends null for whatever was not given, and takes teams that PagerDuty ignores.',
    here: 'Sends what was asked for. Teams other than the policy’s are refused.',
    why: 'A null can wipe a description.',
  },
  {
    tools: ['update_service'],
    official: '`escalation_policy` must be given.',
    here: 'It may be left out.',
    why: 'What is not to change need not be said.',
  },
  {
    tools: ['create_team', 'update_team'],
    official: 'Sends `description: null`, and `default_role` of its own choice with every update.',
    here: 'Sends what was asked for.',
    why: 'A rename turned private teams public.',
  },
  {
    tools: ['add_team_member'],
    official: 'The role is `manager` unless given.',
    here: 'The role must be given; the former one is shown.',
    why: 'A default must not be a privilege.',
  },
  {
    tools: ['create_user'],
    official: 'The role is `user` (Manager) unless given.',
    here: 'The role must be given.',
    why: 'A default must not be a privilege.',
  },
  {
    tools: [
      'create_service',
      'create_escalation_policy',
      'create_alert_grouping_setting',
      'update_alert_grouping_setting',
    ],
    official:
      'Sends what PagerDuty makes itself: `id` of a service; `id`, `summary`, `self_url`, `html_url`, `created_at`, `updated_at` of an escalation policy; `recommended_time_window` of alert grouping.',
    here: 'Taken and not sent.',
    why: 'Agents send back what they have read; what is sent must be what was shown.',
  },
  {
    tools: ['create_escalation_policy'],
    official: 'Takes `services`, which PagerDuty ignores.',
    here: 'Refused, naming update_service.',
    why: 'What is shown must happen.',
  },
  {
    tools: ['update_alert_grouping_setting'],
    official: 'Replaces the services of the setting.',
    here: 'Services that were not given stay.',
    why: 'So PagerDuty documents it.',
  },
  {
    tools: ['create_alert_grouping_setting', 'update_alert_grouping_setting'],
    official: 'A time window of 0 is refused.',
    here: 'Taken: PagerDuty’s recommended window.',
    why: 'So PagerDuty documents it.',
  },
  {
    tools: ['append_event_orchestration_router_rule'],
    official: 'Reads and writes the router without looking at its version, with an invented rule id.',
    here: 'One PUT of the router that was shown plus the rule; stale when the router has another version.',
    why: 'Rules that came in between must not be lost.',
  },
  {
    tools: ['update_event_orchestration_router'],
    official: 'Keeps five members of a rule and drops the rest.',
    here: 'Rules that are known keep everything that was not asked for. Ids that no rule has are not sent, which the card says.',
    why: 'Nothing that is not shown may change.',
  },
  {
    tools: ['create_status_page_post'],
    official: 'Sends `post: null` in the first update and takes a post there.',
    here: 'Sends none and refuses one.',
    why: 'The post does not exist yet.',
  },
  {
    tools: ['start_incident_workflow'],
    official: 'Takes an id for the run.',
    here: 'Sends the id of the request.',
    why: 'So the run can be recognised.',
  },
  {
    tools: ['create_webhook_subscription'],
    official: 'Answers with the signing secret; any address.',
    here: 'The secret is shown once to those who approved. Addresses must be https, outside, without credentials.',
    why: 'An agent could pass the secret on, or point PagerDuty inside.',
  },
  {
    tools: ['update_webhook_subscription'],
    official: 'Takes `delivery_method`, which PagerDuty does not change.',
    here: 'Refused.',
    why: 'What is shown must happen.',
  },
  {
    tools: ['list_incidents', 'list_teams'],
    official: '`assigned`, `teams` and `my` mean the owner of the token.',
    here: 'Refused, with the filters to use instead.',
    why: 'The read credential belongs to no person.',
  },
  {
    tools: ['get_user_data'],
    official: 'Fails with an account key.',
    here: 'Says that the credential belongs to nobody.',
    why: 'It is the usual case here.',
  },
  {
    tools: ['list_incidents'],
    official: 'No filter by service or user.',
    here: '`service_ids`, `user_ids`.',
    why: 'The most asked for.',
  },
  {
    tools: ['list_team_members'],
    official: 'Drops the role in the team.',
    here: 'Shows it.',
    why: 'It says who may change what.',
  },
  {
    tools: ['list_users'],
    official: 'At most one page of 100.',
    here: 'As many as `limit` says.',
    why: 'Large accounts.',
  },
  {
    tools: ['get_incident', 'list_schedules', 'list_log_entries', 'list_escalation_policies', 'get_status_page_post'],
    official: '`include` adds fields.',
    here: 'Taken and without effect: the answer always has the same fields.',
    why: 'An allow-list cannot grow by an argument.',
  },
  {
    tools: ['list_alert_grouping_settings'],
    official: 'One page only.',
    here: 'Cursors are followed up to `limit`.',
    why: 'So is every other list.',
  },
  {
    tools: ['list_schedule_v3_custom_shifts', 'list_schedule_v3_overrides'],
    official: 'The range must be given.',
    here: 'Without one: the next 14 days.',
    why: 'Agents ask what comes next.',
  },
  {
    tools: ['get_past_incidents'],
    official: 'Up to 999.',
    here: 'Up to 100.',
    why: 'What an agent does not need fills its context.',
  },
  {
    tools: [
      'get_outlier_incident',
      'get_past_incidents',
      'get_related_incidents',
      'list_schedules',
      'get_status_page_post',
    ],
    official: '`query_model` must be given, even empty.',
    here: 'It may be left out.',
    why: 'An empty object says nothing.',
  },
];
