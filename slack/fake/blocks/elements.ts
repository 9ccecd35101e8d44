import type { BlockElementAction, types } from '@slack/bolt';
import { nextId, type State, type Values } from '../state.ts';

/** Whatever people can press, choose from or type into. */
export type Element =
  | types.ActionsBlockElement
  | Exclude<types.SectionBlockAccessory, types.ImageElement>
  | types.InputBlockElement
  | types.ContextActionsBlockElement;

export interface Placed {
  blockId: string;
  element: Element;
  /** The input block around it, if it is in one. */
  input: types.InputBlock | null;
}

type Option = types.Option & { value: string };

const button = (element: types.SectionBlockAccessory): element is Exclude<typeof element, types.ImageElement> =>
  element.type !== 'image';

function elementsOf(block: types.KnownBlock): Element[] {
  switch (block.type) {
    case 'actions':
    case 'context_actions':
      return block.elements;
    case 'section':
      return block.accessory !== undefined && button(block.accessory) ? [block.accessory] : [];
    case 'input':
      return [block.element];
    case 'card':
      return block.actions ?? [];
    default:
      return [];
  }
}

const inner = (block: types.KnownBlock): types.KnownBlock[] => {
  if (block.type === 'container') return block.child_blocks;
  return block.type === 'carousel' ? block.elements : [];
};

/** Every element that people can act on, in the order in which they are shown. */
export function placedElements(blocks: readonly types.KnownBlock[]): Placed[] {
  return blocks.flatMap((block) => [
    ...elementsOf(block).map((element) => ({
      blockId: block.block_id ?? '',
      element,
      input: block.type === 'input' ? block : null,
    })),
    ...placedElements(inner(block)),
  ]);
}

/** A copy in which every block and element has an id, as Slack gives them to those that came without. */
export function withIds(state: State, blocks: readonly types.KnownBlock[]): types.KnownBlock[] {
  const copy = structuredClone(blocks) as types.KnownBlock[];
  const name = (block: types.KnownBlock) => {
    block.block_id ??= nextId(state, 'b');
    for (const element of elementsOf(block)) element.action_id ??= nextId(state, 'a');
    for (const child of inner(block)) name(child);
  };
  for (const block of copy) name(block);
  return copy;
}

/** The options of a menu or a list of boxes, those in groups too. */
export function optionsOf(element: Element): Option[] {
  const groups = 'option_groups' in element ? (element.option_groups ?? []) : [];
  const own = 'options' in element ? (element.options ?? []) : [];
  return [...own, ...groups.flatMap(({ options }) => options)].filter((one): one is Option => one.value !== undefined);
}

/** @throws Error when nobody could choose it. */
function pick(element: Element, value: string | undefined): Option {
  const found = optionsOf(element).find((option) => option.value === value);
  if (found !== undefined) return found;
  const there = optionsOf(element).map((option) => option.value);
  throw new Error(`There is no option ${value} in ${element.action_id}, only ${there.join(', ') || 'none'}.`);
}

/** As payloads repeat an option: its text is a plain one in every menu that has values to choose from. */
const chosenOption = (option: Option) => ({
  text: { ...option.text, type: 'plain_text' as const },
  value: option.value,
});

function unsupported(element: Element): never {
  throw new Error(`This Slack cannot act on a ${element.type}.`);
}

/**
 * What a person does with an element, as the payload of a click tells it.
 *
 * @param given values of options, ids, a text or a date; nothing for a button.
 * @throws Error when nobody could do that.
 */
export function actionOf({ blockId, element }: Placed, given: string[], actionTs: string): BlockElementAction {
  const ids = { block_id: blockId, action_id: element.action_id ?? '', action_ts: actionTs };
  const [first = ''] = given;
  switch (element.type) {
    case 'button': {
      const { type, text, value, url } = element;
      return { ...ids, type, text, ...(value === undefined ? {} : { value }), ...(url === undefined ? {} : { url }) };
    }
    case 'overflow':
      return { ...ids, type: element.type, selected_option: chosenOption(pick(element, first)) };
    case 'static_select':
      return { ...ids, type: element.type, selected_option: chosenOption(pick(element, first)) };
    case 'radio_buttons':
      return { ...ids, type: element.type, selected_option: pick(element, first) };
    case 'checkboxes':
      return { ...ids, type: element.type, selected_options: given.map((value) => pick(element, value)) };
    case 'multi_static_select':
      return {
        ...ids,
        type: element.type,
        selected_options: given.map((value) => chosenOption(pick(element, value))),
      };
    case 'users_select':
      return { ...ids, type: element.type, selected_user: first };
    case 'conversations_select':
      return { ...ids, type: element.type, selected_conversation: first };
    case 'channels_select':
      return { ...ids, type: element.type, selected_channel: first };
    case 'datepicker':
      return { ...ids, type: element.type, selected_date: first };
    case 'timepicker':
      return { ...ids, type: element.type, selected_time: first };
    case 'plain_text_input':
      return { ...ids, type: element.type, value: first };
    default:
      return unsupported(element);
  }
}

/** What an element holds as `state.values` tells it; null for what holds nothing, such as buttons. */
function held(element: Element, given: string[]): Values[string][string] | null {
  const { type } = element;
  const [first] = given;
  switch (type) {
    case 'static_select':
    case 'radio_buttons':
      return { type, selected_option: first === undefined ? null : chosenOption(pick(element, first)) };
    case 'checkboxes':
    case 'multi_static_select':
      return { type, selected_options: given.map((value) => chosenOption(pick(element, value))) };
    case 'users_select':
      return { type, selected_user: first ?? null };
    case 'multi_users_select':
      return { type, selected_users: given };
    case 'conversations_select':
      return { type, selected_conversation: first ?? null };
    case 'channels_select':
      return { type, selected_channel: first ?? null };
    case 'datepicker':
      return { type, selected_date: first ?? null };
    case 'timepicker':
      return { type, selected_time: first ?? null };
    case 'datetimepicker':
      return { type, selected_date_time: first === undefined ? null : Number(first) };
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return { type, value: first || null };
    default:
      return null;
  }
}

function initially(element: Element): string[] {
  const one = (value: string | number | undefined) => (value === undefined ? [] : [String(value)]);
  switch (element.type) {
    case 'static_select':
    case 'radio_buttons':
      return one(element.initial_option?.value);
    case 'checkboxes':
    case 'multi_static_select':
      return (element.initial_options ?? []).flatMap(({ value }) => one(value));
    case 'users_select':
      return one(element.initial_user);
    case 'multi_users_select':
      return element.initial_users ?? [];
    case 'conversations_select':
      return one(element.initial_conversation);
    case 'channels_select':
      return one(element.initial_channel);
    case 'datepicker':
      return one(element.initial_date);
    case 'timepicker':
      return one(element.initial_time);
    case 'datetimepicker':
      return one(element.initial_date_time);
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return one(element.initial_value);
    default:
      return [];
  }
}

/**
 * The values of all fields: what was filled in now, else what was there, else what they start with.
 *
 * @param given by action, or by `block/action` where the action alone would not tell.
 * @throws Error for a value that nobody could choose.
 */
export function valuesOf(
  blocks: readonly types.KnownBlock[],
  before: Values = {},
  given: Record<string, string | string[]> = {},
): Values {
  // Ids are the app's own words, which may be any, `__proto__` too.
  const values: Values = Object.create(null);
  const own = <T>(from: Record<string, T>, id: string) => (Object.hasOwn(from, id) ? from[id] : undefined);
  for (const { blockId, element } of placedElements(blocks)) {
    const id = element.action_id ?? '';
    const filled = own(given, `${blockId}/${id}`) ?? own(given, id);
    const now = filled === undefined ? undefined : held(element, [filled].flat());
    const old = own(own(before, blockId) ?? {}, id);
    const value = now ?? (old?.type === element.type ? old : held(element, initially(element)));
    if (value !== null) values[blockId] = { ...values[blockId], [id]: value };
  }
  return values;
}

/** Whether a field that was filled in holds nothing. */
export function isEmpty(value: Values[string][string] | undefined): boolean {
  if (value === undefined) return true;
  const { type: _, ...inside } = value;
  return Object.values(inside).every((one) => one === null || (Array.isArray(one) && one.length === 0));
}
