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
    here: 'It is taken when it can be read in one way only.',
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
];
