import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { countLimits, lifted } from './lift-limits.ts';
import { validateMessage, validateView } from './schema.ts';
import { schemaText } from './schema-source.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const header = { type: 'header', text: plain('Approval needed'), block_id: 'h' };
const button = (more: object = {}) => ({ type: 'button', text: plain('Go'), ...more });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const option = (value: string) => ({ text: plain('Choose me'), value });
const input = (element: object = { type: 'plain_text_input' }) => ({ type: 'input', label: plain('Note'), element });
const richText = (...elements: object[]) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements }],
});

const inMessage = (...blocks: unknown[]) =>
  validateMessage({ text: 'Hi', blocks }).map(({ pointer, message }) => `${pointer} ${message}`);
const inView = (view: object) => {
  const type = 'type' in view && view.type === 'home' ? 'home' : 'modal';
  return validateView(view, type).map(({ pointer, message }) => `${pointer} ${message}`);
};
const modal = (...blocks: object[]) => ({ type: 'modal', title: plain('Why?'), submit: plain('Deny'), blocks });
const home = (...blocks: object[]) => ({ type: 'home', blocks });

describe('the schema', () => {
  const checkedIn = readFileSync(new URL('schema.json', import.meta.url), 'utf8');

  test('is what @slack/types makes today; if not, run generate-schema.ts and read what changed', {
    timeout: 120_000,
  }, () => {
    expect(schemaText()).toBe(checkedIn);
  });

  test('holds at least the limits that were found in the comments when it was written', () => {
    expect(countLimits(JSON.parse(checkedIn))).toBeGreaterThanOrEqual(151);
  });

  test.each([
    ['string', 'Maximum length for this field is 255 characters.', { maxLength: 255 }],
    ['string', 'Maximum length of 3000 characters.', { maxLength: 3000 }],
    ['string', 'Limit 12,000 characters max.', { maxLength: 12_000 }],
    ['string', 'Must be less than 50 characters.', { maxLength: 49 }],
    ['string', 'The minimum length is 1 and maximum length is 3000 characters.', { minLength: 1, maxLength: 3000 }],
    ['array', 'There is a maximum of 25 elements in each action block.', { maxItems: 25 }],
    ['array', 'Maximum number of option groups is 100.', { maxItems: 100 }],
    ['array', 'An array of up to 5 {@link Option 9} to display.', { maxItems: 5 }],
    ['array', 'Minimum 1, maximum 10 cards.', { minItems: 1, maxItems: 10 }],
    ['number', 'Must be between 1 and 100.', { minimum: 1, maximum: 100 }],
    ['number', 'Can be a number from `0` (default) to `8`.', { minimum: 0, maximum: 8 }],
    ['string', 'Shown as `9:41`, as on 9 January 2007.', {}],
  ])('lifts what is said of a %s: %s', (type, words, limits) => {
    expect(lifted({ type }, words)).toEqual({ type, ...limits });
  });
});

describe('a message', () => {
  test('of every kind of block that we use is right', () => {
    const blocks = [
      header,
      { type: 'section', fields: [{ type: 'mrkdwn', text: '*Service*', verbatim: true }, plain('Checkout')] },
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              { type: 'text', text: 'Before ', style: { bold: true } },
              { type: 'date', timestamp: 1_780_000_000, format: '{date_pretty} {time}', fallback: 'soon' },
            ],
          },
          { type: 'rich_text_preformatted', elements: [{ type: 'text', text: '- triggered' }] },
          { type: 'rich_text_quote', elements: [{ type: 'text', text: 'trust me' }] },
          {
            type: 'rich_text_list',
            style: 'bullet',
            elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'Stops paging' }] }],
          },
        ],
      },
      { type: 'context', elements: [{ type: 'mrkdwn', text: 'Waiting' }] },
      actions(
        button({
          action_id: 'a',
          style: 'primary',
          value: '{}',
          confirm: { title: plain('Sure?'), text: plain('It runs.'), confirm: plain('Yes'), deny: plain('No') },
        }),
        button({ action_id: 'b', url: 'https://countersign.example.com/r/1' }),
        { type: 'overflow', action_id: 'c', options: [option('pause')] },
      ),
      { type: 'divider' },
      { type: 'table', rows: [[{ type: 'raw_text', text: 'a' }]] },
    ];
    expect(inMessage(...blocks)).toEqual([]);
  });

  test('needs a text, and not too much of it', () => {
    expect(validateMessage({ blocks: [header] })).toEqual([
      { pointer: '/text', message: 'missing required field: text' },
    ]);
    expect(validateMessage({ text: ' ' })).toHaveLength(1);
    expect(validateMessage({ text: 'x'.repeat(40_000) })).toEqual([]);
    expect(validateMessage({ text: 'x'.repeat(40_001) })).toHaveLength(1);
  });

  test.each<[string, string, ...object[]]>([
    ['an unknown block', '/blocks/0/type unsupported type: "banner"', { type: 'banner' }],
    ['an unknown field', '/blocks/0 unsupported field: color', { ...header, color: 'red' }],
    ['an unknown field within', '/blocks/0/elements/0 unsupported field: onClick', actions(button({ onClick: '' }))],
    ['a missing field', '/blocks/0 missing required field: text', { type: 'header' }],
    [
      'markup where only plain text may be',
      '/blocks/0/text/type unsupported type: "mrkdwn"',
      { type: 'header', text: { type: 'mrkdwn', text: 'x' } },
    ],
    ['an empty text', '/blocks/0/text/text must be more than 0 characters', { type: 'header', text: plain('') }],
    [
      'a long header',
      '/blocks/0/text/text must be less than 151 characters',
      { type: 'header', text: plain('x'.repeat(151)) },
    ],
    [
      'a long field',
      '/blocks/0/fields/0/text must be less than 2001 characters',
      { type: 'section', fields: [plain('x'.repeat(2001))] },
    ],
    [
      'a long value of a button',
      '/blocks/0/elements/0/value must be less than 2001 characters',
      actions(button({ value: 'x'.repeat(2001) })),
    ],
    [
      'a long name of an action',
      '/blocks/0/elements/0/action_id must be less than 256 characters',
      actions(button({ action_id: 'x'.repeat(256) })),
    ],
    [
      'a long address',
      '/blocks/0/elements/0/url must be less than 3001 characters',
      actions(button({ url: `https://a.example/${'x'.repeat(3000)}` })),
    ],
    ['no address', '/blocks/0/elements/0/url invalid url', actions(button({ url: 'here' }))],
    [
      'a long value of an option',
      '/blocks/0/elements/0/options/0/value must be less than 76 characters',
      actions({ type: 'overflow', options: [option('x'.repeat(76))] }),
    ],
    [
      'six options behind ⋯',
      '/blocks/0/elements/0/options no more than 5 items allowed',
      actions({ type: 'overflow', options: [...'abcdef'].map(option) }),
    ],
    ['no options', '/blocks/0 no fewer than 1 items allowed', actions({ type: 'overflow', options: [] })],
    ['no elements', '/blocks/0 no fewer than 1 items allowed', actions()],
    [
      'too many elements',
      '/blocks/0/elements no more than 25 items allowed',
      actions(...Array.from({ length: 26 }, (_, index) => button({ action_id: `a${index}` }))),
    ],
    ['a section that says nothing', '/blocks/0 missing required field: text or fields', { type: 'section' }],
    ['two blocks of one id', '/blocks/1/block_id block_id already exists', header, header],
    [
      'two actions of one id',
      '/blocks/0 action_id already exists in this block',
      actions(button({ action_id: 'a' }), button({ action_id: 'a' })),
    ],
    [
      'two primary buttons',
      '/blocks/0 only one primary button is allowed in a set',
      actions(button({ style: 'primary' }), button({ style: 'primary' })),
    ],
    ['an alert', '/blocks/0 unsupported type: "alert" (not in a message)', { type: 'alert', text: plain('Look out') }],
    [
      'an empty rich text',
      '/blocks/0/elements/0/elements/0/text must be more than 0 characters',
      richText({ type: 'text', text: '' }),
    ],
    [
      'a start that is no option',
      '/blocks/0 the initial option must be one of the options',
      actions({ type: 'static_select', options: [option('a')], initial_option: option('b') }),
    ],
  ])('is refused for %s', (_, problem, ...blocks) => {
    expect(inMessage(...blocks)).toEqual([problem]);
  });

  test('has at most fifty blocks, one table and so much Markdown in all', () => {
    const dividers = (count: number) => Array.from({ length: count }, () => ({ type: 'divider' }));
    expect(inMessage(...dividers(50))).toEqual([]);
    expect(inMessage(...dividers(51))).toEqual(['/blocks no more than 50 items allowed']);
    const table = { type: 'table', rows: [[{ type: 'raw_text', text: 'a' }]] };
    expect(inMessage(table, table)).toEqual(['/blocks/1 only one table is allowed']);
    const half = { type: 'markdown', text: 'x'.repeat(6_001) };
    expect(inMessage(half)).toEqual([]);
    expect(inMessage(half, half)).toEqual(['/blocks no more than 12000 characters of markdown allowed']);
  });
});

describe('a view', () => {
  test('of what we use is right', () => {
    const select = { type: 'static_select', action_id: 'why', options: [option('unsafe')] };
    expect(inView(modal({ type: 'alert', text: plain('Look out'), level: 'warning' }, input(), input(select)))).toEqual(
      [],
    );
    expect(inView(home(header, { type: 'section', text: plain('x'), accessory: button() }))).toEqual([]);
  });

  test.each<[string, string, object]>([
    ['no title', '/view missing required field: title', { type: 'modal', blocks: [] }],
    ['a long title', '/view/title/text must be less than 25 characters', { ...modal(), title: plain('x'.repeat(25)) }],
    [
      'an input without a way to submit it',
      '/view missing required field: submit (there is an input)',
      { ...modal(input()), submit: undefined },
    ],
    [
      'too much to remember',
      '/view/private_metadata must be less than 3001 characters',
      { ...modal(), private_metadata: 'x'.repeat(3001) },
    ],
    [
      'too many blocks',
      '/view/blocks no more than 100 items allowed',
      modal(...Array.from({ length: 101 }, () => ({ type: 'divider' }))),
    ],
    [
      'a table',
      '/view/blocks/0 unsupported type: "table" (not in a modal)',
      modal({ type: 'table', rows: [[{ type: 'raw_text', text: 'a' }]] }),
    ],
    [
      'Markdown at home',
      '/view/blocks/0 unsupported type: "markdown" (not in a home)',
      home({ type: 'markdown', text: 'x' }),
    ],
    [
      'an alert at home',
      '/view/blocks/0 unsupported type: "alert" (not in a home)',
      home({ type: 'alert', text: plain('x') }),
    ],
    ['a block that nobody knows', '/view/blocks/0/type unsupported type: "banner"', modal({ type: 'banner' })],
  ])('is refused for %s', (_, problem, view) => {
    expect(inView(view)).toEqual([problem]);
  });

  test('is refused when it is larger than Slack keeps', () => {
    const text = { type: 'section', text: plain('ä'.repeat(3000)) };
    expect(inView(modal(...Array.from({ length: 50 }, () => text)))).toEqual(['/view must be less than 250 KB']);
  });
});
