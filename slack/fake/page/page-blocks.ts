import type { types } from '@slack/bolt';
import { placedElements } from '../blocks/elements.ts';
import { element, loose, type Where } from './page-elements.ts';
import { attribute, type Html, html, nothing } from './page-html.ts';
import { richText } from './page-rich-text.ts';
import { link, plainText, textObject } from './page-text.ts';

/** Blocks close to how Slack shows them. */

export interface Surroundings extends Where {
  /** What stands under a field, by block. */
  errors?: Record<string, string>;
}

const image = (alt: string) => html`<span class="image" role="img" aria-label="${alt}">🖼 ${alt}</span>`;

function section(around: Surroundings, block: types.SectionBlock): Html {
  const { play } = around;
  const text = block.text === undefined ? nothing : html`<div class="text">${textObject(play, block.text)}</div>`;
  const fields = (block.fields ?? []).map((field) => html`<div>${textObject(play, field)}</div>`);
  const own = placedElements([block]).map((placed) => loose(around, placed));
  const accessory = block.accessory?.type === 'image' ? image(block.accessory.alt_text) : own;
  return html`<div class="section"><div>${text}${fields.length === 0 ? nothing : html`<div class="fields">${fields}</div>`}</div>${accessory}</div>`;
}

function context({ play }: Surroundings, block: types.ContextBlock): Html {
  const parts = block.elements.map((one) =>
    one.type === 'image' ? image(one.alt_text) : html`<span>${textObject(play, one)}</span>`,
  );
  return html`<div class="context">${parts}</div>`;
}

/** A field with its label, its hint and what is wrong with it. */
function input(around: Surroundings, block: types.InputBlock): Html {
  const [placed] = placedElements([block]);
  if (placed === undefined) return nothing;
  const { blockId } = placed;
  const id = `field-${blockId}`;
  const { errors = {} } = around;
  const wrong = Object.hasOwn(errors, blockId) ? errors[blockId] : undefined;
  const hint = block.hint === undefined ? nothing : html`<p class="hint" id="${id}-hint">${plainText(block.hint)}</p>`;
  const error = wrong === undefined ? nothing : html`<p class="error" id="${id}-error" role="alert">${wrong}</p>`;
  const describedBy = [
    ...(block.hint === undefined ? [] : [`${id}-hint`]),
    ...(wrong === undefined ? [] : [`${id}-error`]),
  ];
  const several = ['checkboxes', 'radio_buttons'].includes(block.element.type);
  const field = element(around, placed, {
    id,
    name: `${blockId}/${block.element.action_id}`,
    label: several ? block.label.text : null,
    required: block.optional !== true,
    describedBy: describedBy.join(' '),
    invalid: wrong !== undefined,
  });
  const optional = block.optional === true ? html` <small>(optional)</small>` : nothing;
  const label = several
    ? html`<p class="label" aria-hidden="true">${plainText(block.label)}${optional}</p>`
    : html`<label for="${id}">${plainText(block.label)}${optional}</label>`;
  return html`<div class="field">${label}${field}${hint}${error}</div>`;
}

function table({ play }: Surroundings, { rows }: types.TableBlock | types.DataTableBlock): Html {
  const cell = (one: (typeof rows)[number][number]) =>
    one.type === 'rich_text' ? richText(play, one) : html`${one.text}`;
  const [head = [], ...body] = rows;
  return html`<div class="scroll"><table><thead><tr>${head.map((one) => html`<th scope="col">${cell(one)}</th>`)}</tr></thead><tbody>${body.map(
    (row) => html`<tr>${row.map((one) => html`<td>${cell(one)}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

function container(around: Surroundings, block: types.ContainerBlock): Html {
  const title = block.title === undefined ? 'More' : block.title.text;
  return html`<details class="container"${attribute('open', block.default_collapsed !== true)}><summary>${title}</summary>${blocks(around, block.child_blocks)}</details>`;
}

function one(around: Surroundings, block: types.KnownBlock): Html {
  switch (block.type) {
    case 'header':
      return html`<h3>${plainText(block.text)}</h3>`;
    case 'section':
      return section(around, block);
    case 'rich_text':
      return richText(around.play, block);
    case 'context':
      return context(around, block);
    case 'actions':
    case 'context_actions':
      return html`<div class="actions">${placedElements([block]).map((placed) => loose(around, placed))}</div>`;
    case 'divider':
      return html`<hr>`;
    case 'input':
      return input(around, block);
    case 'alert':
      return html`<div class="alert ${block.level ?? 'default'}" role="note">${textObject(around.play, block.text)}</div>`;
    case 'image':
      return html`<div>${image(block.alt_text)}</div>`;
    case 'table':
    case 'data_table':
      return table(around, block);
    case 'container':
      return container(around, block);
    case 'markdown':
      return html`<pre>${block.text}</pre>`;
    case 'video':
      return html`<div>${link(block.title_url ?? block.video_url, block.title.text)}</div>`;
    default:
      return html`<p class="unknown">A block of type ${block.type}, which this Slack cannot show.</p>`;
  }
}

export const blocks = (around: Surroundings, all: readonly types.KnownBlock[]): Html[] =>
  all.map((block) => one(around, block));
