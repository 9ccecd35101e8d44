import type { types } from '@slack/bolt';
import { type Element, optionsOf, type Placed } from '../blocks/elements.ts';
import type { Play } from '../play.ts';
import type { Values } from '../state.ts';
import { attribute, type Html, html, nothing } from './page-html.ts';
import { plainText, textObject, webAddress } from './page-text.ts';

/** What people press, choose from and type into. `page.js` sends what they do. */

/** Where an element is: what a click on it has to name. */
export interface Where {
  play: Play;
  /** What happens on a click: in a message, on the Home tab or in a modal. */
  act: 'click' | 'clickHome' | 'clickModal';
  channel?: string;
  ts?: string;
  values?: Values;
}

/** The confirmation that is asked for before anything is sent, for `page.js`. */
function confirmation(element: Element): string | null {
  if (!('confirm' in element) || element.confirm === undefined) return null;
  const { title, text, confirm, deny, style } = element.confirm;
  return JSON.stringify({
    title: title?.text ?? 'Are you sure?',
    text: text.text,
    confirm: confirm?.text ?? 'Yes',
    deny: deny?.text ?? 'Cancel',
    style: style ?? 'primary',
  });
}

/** What `page.js` reads off an element before it sends a click. */
function data(where: Where, { blockId, element }: Placed): Html {
  const confirm = confirmation(element);
  return html` data-act="${where.act}" data-block="${blockId}" data-action="${element.action_id}" data-channel="${where.channel}" data-ts="${where.ts}"${
    confirm === null ? nothing : html` data-confirm="${confirm}"`
  }`;
}

function button(where: Where, placed: Placed, element: types.Button): Html {
  const more = element.accessibility_label;
  const described = more === undefined ? nothing : html` aria-description="${more}"`;
  const kind = `button ${element.style ?? ''}`;
  const address = webAddress(element.url);
  const label = plainText(element.text);
  if (address !== null) {
    return html`<a class="${kind}" href="${address}" target="_blank" rel="noopener noreferrer"${data(where, placed)}${described}>${label}</a>`;
  }
  return html`<button type="button" class="${kind}"${data(where, placed)}${described}>${label}</button>`;
}

function overflow(where: Where, placed: Placed): Html {
  const items = optionsOf(placed.element).map(
    (option) =>
      html`<button type="button" role="menuitem" data-value="${option.value}"${data(where, placed)}>${textObject(where.play, option.text)}</button>`,
  );
  return html`<span class="overflow"><button type="button" class="button" aria-haspopup="menu" aria-expanded="false" aria-label="More actions" data-menu>⋯</button><span role="menu" hidden>${items}</span></span>`;
}

const heldOf = (where: Where, { blockId, element }: Placed) => {
  const block = where.values !== undefined && Object.hasOwn(where.values, blockId) ? where.values[blockId] : undefined;
  const id = element.action_id ?? '';
  return block !== undefined && Object.hasOwn(block, id) ? block[id] : undefined;
};

/** The values of the options that are chosen now. */
function chosen(where: Where, placed: Placed): string[] {
  const held = heldOf(where, placed);
  const options = [...(held?.selected_options ?? []), ...(held?.selected_option ? [held.selected_option] : [])];
  return options.flatMap(({ value }) => (value === undefined ? [] : [value]));
}

/** How a field stands in the page: as part of a form it has a name, elsewhere every choice is a click. */
export interface Field {
  /** Of the element with the label. */
  id: string;
  name: string | null;
  /** What it is called when no label stands beside it. */
  label: string | null;
  required: boolean;
  /** Ids of what describes it. */
  describedBy: string;
  invalid: boolean;
}

function common(where: Where, placed: Placed, field: Field): Html {
  const name = field.name === null ? data(where, placed) : html` name="${field.name}"`;
  const label = field.label === null ? nothing : html` aria-label="${field.label}"`;
  const described = field.describedBy === '' ? nothing : html` aria-describedby="${field.describedBy}"`;
  const invalid = field.invalid ? html` aria-invalid="true"` : nothing;
  const required = field.required ? html` aria-required="true"` : nothing;
  return html` id="${field.id}"${name}${label}${described}${invalid}${required}`;
}

function select(where: Where, placed: Placed, field: Field, options: { value: string; label: Html }[]): Html {
  const several = placed.element.type.startsWith('multi_');
  const held = heldOf(where, placed);
  const single = held?.selected_user ?? held?.selected_channel ?? held?.selected_conversation;
  const now = [...chosen(where, placed), ...(held?.selected_users ?? []), ...(single ? [single] : [])];
  const placeholder = 'placeholder' in placed.element ? placed.element.placeholder : undefined;
  const none = html`<option value="">${placeholder === undefined ? 'Choose…' : plainText(placeholder)}</option>`;
  const all = options.map(({ value, label }) => {
    return html`<option value="${value}"${attribute('selected', now.includes(value))}>${label}</option>`;
  });
  return html`<select${common(where, placed, field)}${attribute('multiple', several)}>${several ? nothing : none}${all}</select>`;
}

function boxes(where: Where, placed: Placed, field: Field): Html {
  const type = placed.element.type === 'checkboxes' ? 'checkbox' : 'radio';
  const now = chosen(where, placed);
  const own = field.name === null ? data(where, placed) : nothing;
  const name = field.name ?? `${where.channel}/${where.ts}/${placed.blockId}/${placed.element.action_id}`;
  const all = optionsOf(placed.element).map((option, index) => {
    const more =
      option.description === undefined ? nothing : html`<small>${textObject(where.play, option.description)}</small>`;
    return html`<label class="box"><input type="${type}" id="${field.id}-${index}" name="${name}" value="${option.value}"${own}${attribute('checked', now.includes(option.value))}> <span>${textObject(where.play, option.text)}${more}</span></label>`;
  });
  const described = field.describedBy === '' ? nothing : html` aria-describedby="${field.describedBy}"`;
  return html`<div role="${type === 'radio' ? 'radiogroup' : 'group'}" aria-label="${field.label}"${described}>${all}</div>`;
}

const INPUT_TYPES: Record<string, string> = {
  plain_text_input: 'text',
  email_text_input: 'email',
  url_text_input: 'url',
  number_input: 'number',
  datepicker: 'date',
  timepicker: 'time',
};

function input(where: Where, placed: Placed, field: Field): Html {
  const { element } = placed;
  const held = heldOf(where, placed);
  const value = held?.value ?? held?.selected_date ?? held?.selected_time ?? '';
  const placeholder =
    'placeholder' in element && element.placeholder ? html` placeholder="${element.placeholder.text}"` : nothing;
  if (element.type === 'plain_text_input' && element.multiline === true) {
    return html`<textarea rows="4"${common(where, placed, field)}${placeholder}>${`\n${value}`}</textarea>`;
  }
  return html`<input type="${INPUT_TYPES[element.type]}" autocomplete="off" value="${value}"${common(where, placed, field)}${placeholder}>`;
}

const people = ({ state }: Play) =>
  state.users
    .filter(({ isBot, deleted }) => !isBot && !deleted)
    .map(({ id, realName }) => ({ value: id, label: html`${realName}` }));
const places = ({ state }: Play) =>
  state.channels
    .filter(({ directWith }) => directWith === null)
    .map(({ id, name }) => ({ value: id, label: html`#${name}` }));

/** Any element. @param field how it stands; elements of messages are their own label. */
export function element(where: Where, placed: Placed, field: Field): Html {
  switch (placed.element.type) {
    case 'button':
      return button(where, placed, placed.element);
    case 'overflow':
      return overflow(where, placed);
    case 'static_select':
    case 'multi_static_select': {
      const options = optionsOf(placed.element);
      return select(
        where,
        placed,
        field,
        options.map(({ value, text }) => ({ value, label: textObject(where.play, text) })),
      );
    }
    case 'users_select':
    case 'multi_users_select':
      return select(where, placed, field, people(where.play));
    case 'channels_select':
    case 'conversations_select':
      return select(where, placed, field, places(where.play));
    case 'checkboxes':
    case 'radio_buttons':
      return boxes(where, placed, field);
    default:
      return placed.element.type in INPUT_TYPES
        ? input(where, placed, field)
        : html`<span class="unknown">A ${placed.element.type}, which this Slack cannot show.</span>`;
  }
}

/** An element that stands in a message, without a label of its own. */
export function loose(where: Where, placed: Placed): Html {
  const { element: own, blockId } = placed;
  const placeholder = 'placeholder' in own ? own.placeholder?.text : undefined;
  return element(where, placed, {
    id: `${where.ts ?? where.act}-${blockId}-${own.action_id}`,
    name: null,
    label: placeholder ?? own.action_id ?? own.type,
    required: false,
    describedBy: '',
    invalid: false,
  });
}
