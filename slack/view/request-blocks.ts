import type { types } from '@slack/bolt';
import { FALLBACK } from '#approvals/limits.ts';
import type { SlackView } from '#approvals/views/slack-view.ts';
import { reveal } from '#pagerduty/visible-text.ts';
import {
  bold,
  bullets,
  date,
  LIMITS,
  lines,
  marked,
  mentions,
  names,
  oneLine,
  paragraph,
  plain,
  preformatted,
  quote,
  text,
} from './text.ts';

/** What messages and modals tell of a request, in parts. */

const SHOWN = {
  nameCharacters: 300,
  valueCharacters: 300,
  valueLines: 4,
  changes: 12,
  changeCharacters: 2800,
  changeHeight: 40,
  effects: 8,
  becauseCharacters: 600,
  // What it holds was bounded when it was read, with a note of what is missing; that note stays whole.
  reasonCharacters: 1000,
  reasonLines: 12,
  callCharacters: 2800,
  callLines: 40,
};

const LEFT_OUT = 'more in Countersign';

const RISKS: Record<SlackView['risk'], string> = {
  low: 'Low risk',
  medium: 'Medium risk',
  high: 'High risk',
  critical: 'Critical risk',
};

export const riskOf = ({ risk }: Pick<SlackView, 'risk'>) => RISKS[risk];

export const headline = ({ meaning, toolTitle }: SlackView) => `${meaning.word}: ${toolTitle}`;

export const header = (view: SlackView, words = headline(view)): types.HeaderBlock => ({
  type: 'header',
  block_id: blockId(view, 'headline'),
  text: plain(words, LIMITS.header),
});

/** Slack keeps what it knows of a block under its id: a changed block needs a new one. */
export const blockId = ({ id, version }: { id: string; version: number }, part: string) => `${part}:${id}:${version}`;

type Fields = NonNullable<types.SectionBlock['fields']>;

// Slack lays fields out in two columns, so all of the following make rows of two, and only the last may be half.

/** Labels in our words beside values in nobody's markup: they never share a text. */
function pair(label: string, value: string): Fields {
  return value === '' ? [] : [marked(`*${label}*`), plain(value, SHOWN.nameCharacters)];
}

function stakes({ risk, approvals, reviewsRequired, decidable, expiresAt }: SlackView): Fields {
  const several = reviewsRequired > 1 ? ['*Approvals*', `${approvals.length} of ${reviewsRequired}`] : [];
  if (decidable) {
    const words = ['*Risk*', RISKS[risk], ...several];
    return [marked(words.join('\n')), marked(`*Decide before*\n${date(expiresAt, '{time}')}`)];
  }
  if (several.length === 0) return [marked('*Risk*'), marked(RISKS[risk])];
  return [marked(`*Risk*\n${RISKS[risk]}`), marked(several.join('\n'))];
}

/** Those who are summoned by their level. Nobody is called to what is over, or whose shift is. */
function summonedNow({ summoned, decidable, risk }: SlackView, mention: boolean): Fields {
  const theirs = summoned.filter(({ level, handedTo }) => level !== FALLBACK && handedTo === null);
  const calling = mention && decidable && risk !== 'low';
  const { mentioned, named } = calling ? mentions(theirs) : { mentioned: '', named: names(theirs) };
  if (mentioned === '' && named === '') return [];
  const label = marked(['*Asked*', mentioned].filter((line) => line !== '').join('\n'));
  return named === '' ? [label] : [label, plain(named, LIMITS.field)];
}

/** At most the 10 fields that a section may have. @param mention whether those on call are called by it. */
export function facts(view: SlackView, mention: boolean): Fields {
  const { summary, agentName, proposedByName } = view;
  const { nameCharacters } = SHOWN;
  return [
    ...pair('Service', summary.services.map((name) => oneLine(name, nameCharacters)).join(', ')),
    ...pair('Target', oneLine(summary.target, nameCharacters)),
    ...pair(proposedByName === null ? 'Agent' : 'Proposed by', oneLine(proposedByName ?? agentName, nameCharacters)),
    ...stakes(view),
    ...summonedNow(view, mention),
  ];
}

/** A value of a change: its further lines are indented, so that none can pass for another change. */
function value(raw: string): string {
  return lines(raw, SHOWN.valueCharacters, SHOWN.valueLines).replace(/\n+/g, '\n    ');
}

function changeLine({ label, now, after }: SlackView['summary']['lines'][number]): string {
  return `${oneLine(label, SHOWN.nameCharacters)}: ${now === null ? '' : `${value(now)} → `}${value(after)}`;
}

const isWhole = (raw: string, characters: number, height = 1) =>
  Array.from(reveal(raw)).length <= characters && raw.split('\n').length <= height;

/** Whether the message shows all of what would change: what is cut there is approved where all of it is to be seen. */
export function showsAll({ summary }: SlackView): boolean {
  const { title, lines: all, effect } = summary;
  const values = all.flatMap(({ now, after }) => [now ?? '', after]);
  return (
    !changeLines(summary).includes(LEFT_OUT) &&
    values.every((one) => isWhole(one, SHOWN.valueCharacters, SHOWN.valueLines)) &&
    all.every(({ label }) => isWhole(label, SHOWN.nameCharacters)) &&
    isWhole(title, SHOWN.nameCharacters) &&
    effect.lines.length <= SHOWN.effects &&
    effect.lines.every((line) => isWhole(line, SHOWN.becauseCharacters))
  );
}

/** As many whole changes as fit, and how many do not. */
function changeLines({ lines: all }: SlackView['summary']): string {
  let shown: string[] = [];
  for (const line of all.slice(0, SHOWN.changes).map(changeLine)) {
    const next = [...shown, line];
    const height = next.join('\n').split('\n').length;
    if (next.join('\n').length > SHOWN.changeCharacters || height > SHOWN.changeHeight) break;
    shown = next;
  }
  const left = all.length - shown.length;
  return (left > 0 ? [...shown, `… ${left} ${LEFT_OUT}`] : shown).join('\n');
}

function effectLines({ effect }: SlackView['summary']): string[] {
  if (!effect.known) return ['Could not be computed.'];
  const shown = effect.lines.slice(0, SHOWN.effects).map((line) => oneLine(line, SHOWN.becauseCharacters));
  const left = effect.lines.length - shown.length;
  return left > 0 ? [...shown, `… ${left} ${LEFT_OUT}`] : shown;
}

const reason = ({ agentSays, decidable }: SlackView) =>
  decidable && agentSays !== null ? lines(agentSays.text, SHOWN.reasonCharacters, SHOWN.reasonLines).trim() : '';

/** The tool's sentence, with names that PagerDuty knows. */
export const titleOf = (title: string) => paragraph(bold(oneLine(title, SHOWN.nameCharacters)));

/** Why it is as it is, with the notes of those who decided and PagerDuty's own words; empty where nothing is to add. */
export function because(view: SlackView): types.RichTextSection[] {
  if (view.because === null || view.because === view.meaning.sentence) return [];
  return [paragraph(text(oneLine(view.because, SHOWN.becauseCharacters)))];
}

/** What the tool says about itself; while it can be decided also what follows from it. */
export function change(view: SlackView): types.RichTextBlock {
  const { summary, decidable } = view;
  const elements: types.RichTextBlock['elements'] = [titleOf(summary.title), ...because(view)];
  const changes = changeLines(summary);
  if (changes !== '') {
    elements.push(paragraph(bold(decidable ? 'What would change' : 'What was asked for')), preformatted(changes));
  }
  const effects = effectLines(summary);
  if (decidable && effects.length > 0) elements.push(paragraph(bold('Effect')), bullets(effects));
  // The label of the block below, in which there is nothing but the agent's words.
  if (reason(view) !== '') elements.push(paragraph(bold('The agent says (not verified)')));
  return { type: 'rich_text', block_id: blockId(view, 'change'), elements };
}

/** The asker's own words and nothing else; nothing once it is decided. */
export function agentSays(view: SlackView): types.RichTextBlock[] {
  const words = reason(view);
  return words === '' ? [] : [{ type: 'rich_text', block_id: blockId(view, 'says'), elements: [quote(words)] }];
}

function findings(view: SlackView, where: 'above' | 'below'): string[] {
  const all = view.decidable ? [...new Set([...view.findings, ...(view.agentSays?.findings ?? [])])] : [];
  return all.length === 0 ? [] : [`Check the text ${where}: ${all.join(' ')}`];
}

function approvedBy({ approvals, reviewsRequired, because: told }: SlackView): string[] {
  if (approvals.length === 0) return [];
  const lead = reviewsRequired > 1 ? `${approvals.length} of ${reviewsRequired} approvals: ` : 'Approved by ';
  const all = `${lead}${names(approvals)}`;
  return told?.startsWith(all) ? [] : [all];
}

const MAYBE =
  'It may or may not have been applied. Countersign goes on reading PagerDuty; if that never tells, look there yourself and settle it in Countersign.';

/** What is so, in our words. */
function state({ meaning }: SlackView): string[] {
  // Nothing sends it a second time, so nobody is offered to.
  return meaning.phase === 'unclear' ? [meaning.sentence, MAYBE] : [meaning.sentence];
}

export const fingerprint = ({ id, digest }: SlackView) => `${id} · sha256:${digest.slice(0, 12)}`;

/** A sentence each in our words. @param where the text that others wrote stands, seen from here. */
export const account = (view: SlackView, where: 'above' | 'below'): string[] => [
  ...findings(view, where),
  ...approvedBy(view),
  ...state(view),
];

export const context = (view: SlackView): types.ContextBlock => ({
  type: 'context',
  block_id: blockId(view, 'account'),
  elements: [...account(view, 'above'), fingerprint(view)].map((sentence) => plain(sentence, LIMITS.context)),
});

function callOf({ call }: SlackView): { raw: string; shown: string } {
  const { method, path, body } = call;
  const raw = [`${method} ${oneLine(path, LIMITS.code)}`, ...(body === null ? [] : [body])].join('\n');
  return { raw, shown: lines(raw, SHOWN.callCharacters, SHOWN.callLines) };
}

/** Whether it takes the web to approve it: for its risk, or because Slack cannot show all of what would be sent. */
export function needsWeb(view: SlackView): boolean {
  const { raw, shown } = callOf(view);
  return view.webOnly || shown !== reveal(raw);
}

/** Exactly what is sent, byte for byte as long as it fits and has no hidden characters, and alone in its block. */
export function exactCall(view: SlackView): types.KnownBlock[] {
  const { raw, shown } = callOf(view);
  const note = (part: string, words: string): types.SectionBlock => ({
    type: 'section',
    block_id: blockId(view, part),
    text: plain(words, LIMITS.section),
  });
  return [
    note('call-label', 'The exact call to PagerDuty:'),
    { type: 'rich_text', block_id: blockId(view, 'call'), elements: [preformatted(shown)] },
    ...(shown === reveal(raw)
      ? []
      : [note('call-cut', 'It is longer than what is shown here. All of it is in Countersign.')]),
    {
      type: 'context',
      block_id: blockId(view, 'digest'),
      elements: [plain(`sha256:${view.digest}`, LIMITS.context)],
    },
  ];
}
