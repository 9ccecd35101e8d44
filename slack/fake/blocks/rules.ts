import type { types } from '@slack/bolt';
import { optionsOf, placedElements } from './elements.ts';

/** What the types of `@slack/types` cannot say: where a block may stand, and what must not come twice. */

export interface Problem {
  /** A JSON pointer. */
  pointer: string;
  message: string;
}

export type Surface = 'message' | 'modal' | 'home';

type Block = types.KnownBlock;

const EVERYWHERE: readonly Surface[] = ['message', 'modal', 'home'];
const MESSAGES: readonly Surface[] = ['message'];

/** @see https://docs.slack.dev/reference/block-kit/blocks, where each block names its surfaces */
const SURFACES: Record<Block['type'], readonly Surface[]> = {
  actions: EVERYWHERE,
  alert: ['modal'],
  card: MESSAGES,
  carousel: MESSAGES,
  container: MESSAGES,
  context: EVERYWHERE,
  context_actions: MESSAGES,
  data_table: MESSAGES,
  divider: EVERYWHERE,
  file: MESSAGES,
  header: EVERYWHERE,
  image: EVERYWHERE,
  input: EVERYWHERE,
  markdown: MESSAGES,
  plan: MESSAGES,
  rich_text: EVERYWHERE,
  section: EVERYWHERE,
  table: MESSAGES,
  task_card: MESSAGES,
  video: EVERYWHERE,
};

const MOST_BLOCKS: Record<Surface, number> = { message: 50, modal: 100, home: 100 };
const MOST_MARKDOWN = 12_000;
const MOST_URL = 3_000;

/** Every rule sees all blocks at once and says where something is wrong. */
type Rule = (blocks: readonly Block[], surface: Surface) => Problem[];

/** A problem for each block of which the rule has something to say. */
const perBlock =
  (say: (block: Block, surface: Surface) => string | null): Rule =>
  (blocks, surface) =>
    blocks.flatMap((block, index) => {
      const message = say(block, surface);
      return message === null ? [] : [{ pointer: `/${index}`, message }];
    });

/** The positions of whatever was there before. */
const repeated = (ids: readonly (string | undefined)[]) =>
  ids.flatMap((id, index) => (id !== undefined && ids.indexOf(id) < index ? [index] : []));

const standsWhereItMay = perBlock(({ type }, surface) =>
  SURFACES[type].includes(surface) ? null : `unsupported type: "${type}" (not in a ${surface})`,
);

const notTooMany: Rule = (blocks, surface) =>
  blocks.length > MOST_BLOCKS[surface]
    ? [{ pointer: '', message: `no more than ${MOST_BLOCKS[surface]} items allowed` }]
    : [];

const blockIdsDiffer: Rule = (blocks) =>
  repeated(blocks.map(({ block_id: id }) => id)).map((index) => ({
    pointer: `/${index}/block_id`,
    message: 'block_id already exists',
  }));

const oneTable: Rule = (blocks) =>
  blocks
    .flatMap(({ type }, index) => (type === 'table' ? [index] : []))
    .slice(1)
    .map((index) => ({ pointer: `/${index}`, message: 'only one table is allowed' }));

const markdownInAll: Rule = (blocks) => {
  const total = blocks.reduce((sum, block) => sum + (block.type === 'markdown' ? block.text.length : 0), 0);
  return total > MOST_MARKDOWN
    ? [{ pointer: '', message: `no more than ${MOST_MARKDOWN} characters of markdown allowed` }]
    : [];
};

const sectionsSaySomething = perBlock((block) =>
  block.type === 'section' && block.text === undefined && (block.fields ?? []).length === 0
    ? 'missing required field: text or fields'
    : null,
);

const listsAreNotEmpty = perBlock((block) => {
  const lists = block.type === 'section' ? [block.fields] : 'elements' in block ? [block.elements] : [];
  return lists.some((list) => list?.length === 0) ? 'no fewer than 1 items allowed' : null;
});

const onePrimary = perBlock((block) => {
  const buttons = placedElements([block]).filter(({ element }) => element.type === 'button');
  const primary = buttons.filter(({ element }) => 'style' in element && element.style === 'primary');
  return primary.length > 1 ? 'only one primary button is allowed in a set' : null;
});

const actionIdsDiffer = perBlock((block) =>
  repeated(placedElements([block]).map(({ element }) => element.action_id)).length > 0
    ? 'action_id already exists in this block'
    : null,
);

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

const menusHaveOptions = perBlock((block) => {
  for (const { element } of placedElements([block])) {
    const chosen = [
      ...('initial_option' in element && element.initial_option !== undefined ? [element.initial_option] : []),
      ...('initial_options' in element ? (element.initial_options ?? []) : []),
    ];
    if (element.type.startsWith('external') || element.type.startsWith('multi_external')) continue;
    const options = optionsOf(element);
    const menu = 'options' in element || 'option_groups' in element || /static_select$/.test(element.type);
    if (menu && options.length === 0) return 'no fewer than 1 items allowed';
    if (!chosen.every((one) => options.some((option) => same(option, one)))) {
      return 'the initial option must be one of the options';
    }
  }
  return null;
});

/** Every value under a key, however deep, with its pointer. */
function deep(value: unknown, pointer = ''): { key: string; value: unknown; pointer: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = `${pointer}/${key}`;
    return [{ key, value: inner, pointer: here }, ...deep(inner, here)];
  });
}

const urlsAreSound: Rule = (blocks) =>
  deep(blocks).flatMap(({ key, value, pointer }) => {
    if (!/(^|_)url$/.test(key) || typeof value !== 'string') return [];
    if (value.length > MOST_URL) return [{ pointer, message: `must be less than ${MOST_URL + 1} characters` }];
    return URL.canParse(value) ? [] : [{ pointer, message: 'invalid url' }];
  });

/** Texts in rich text have no limit of their own in the types, but an empty one is refused. */
const richTextsAreNotEmpty: Rule = (blocks) =>
  blocks.flatMap((block, index) => {
    if (block.type !== 'rich_text') return [];
    return deep(block.elements, `/${index}/elements`)
      .filter(({ key, value }) => key === 'text' && value === '')
      .map(({ pointer }) => ({ pointer, message: 'must be more than 0 characters' }));
  });

const RULES: readonly Rule[] = [
  standsWhereItMay,
  notTooMany,
  blockIdsDiffer,
  oneTable,
  markdownInAll,
  sectionsSaySomething,
  listsAreNotEmpty,
  onePrimary,
  actionIdsDiffer,
  menusHaveOptions,
  urlsAreSound,
  richTextsAreNotEmpty,
];

/** What the rules have against blocks. @param root the pointer of the list of blocks. */
export function ruleProblems(blocks: readonly Block[], surface: Surface, root: string): Problem[] {
  return RULES.flatMap((rule) => rule(blocks, surface)).map(({ pointer, message }) => ({
    pointer: `${root}${pointer}`,
    message,
  }));
}

export const LARGEST_VIEW_BYTES = 250 * 1024;

/** What the rules have against a view. */
export function viewProblems(view: types.ModalView | types.HomeView): Problem[] {
  const blocks = view.blocks as Block[];
  const problems = ruleProblems(blocks, view.type, '/view/blocks');
  if (view.type === 'modal' && view.submit === undefined && blocks.some(({ type }) => type === 'input')) {
    problems.push({ pointer: '/view', message: 'missing required field: submit (there is an input)' });
  }
  if (Buffer.byteLength(JSON.stringify(view)) > LARGEST_VIEW_BYTES) {
    problems.push({ pointer: '/view', message: 'must be less than 250 KB' });
  }
  return problems;
}
