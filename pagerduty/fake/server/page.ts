import { reveal } from '#pagerduty/visible-text.ts';
import type { Incident } from '../incidents/state.ts';
import { onCallsOf } from '../on-calls.ts';
import type { State } from '../state.ts';
import { FAULT_KINDS, type FaultKind } from './faults.ts';
import type { Play } from './play.ts';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for HTML, with hidden characters made visible. */
function escaped(text: string): string {
  return reveal(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

const nameOf = (state: State, userId: string) => state.users.find(({ id }) => id === userId)?.name ?? userId;
const names = (state: State, userIds: string[]) => userIds.map((id) => nameOf(state, id)).join(', ') || '—';

function incidentRow(state: State, incident: Incident): string {
  const service = state.services.find(({ id }) => id === incident.serviceId)?.name ?? incident.serviceId;
  const priority = state.priorities.find(({ id }) => id === incident.priorityId)?.name ?? '—';
  const notes = state.notes
    .filter(({ incidentId }) => incidentId === incident.id)
    .map((note) => `<li><b>${escaped(nameOf(state, note.userId))}</b> ${escaped(note.content)}</li>`)
    .join('');
  const button = (status: string, words: string) =>
    `<button type="button" data-incident="${incident.id}" data-status="${status}">${words}</button>`;
  const buttons = [
    ...(incident.status === 'triggered' ? [button('acknowledged', 'Acknowledge')] : []),
    ...(incident.status === 'resolved' ? [button('triggered', 'Reopen')] : [button('resolved', 'Resolve')]),
  ].join(' ');
  const responders = incident.responders.map(({ userId, state: answer }) => `${nameOf(state, userId)} (${answer})`);
  return `<tr><td>#${incident.number}</td><td>${escaped(incident.title)}<br><small>${escaped(service)} · <code>${incident.id}</code></small>${
    notes === '' ? '' : `<ul>${notes}</ul>`
  }${responders.length === 0 ? '' : `<small>Asked to join: ${escaped(responders.join(', '))}</small>`}</td><td><span class="status ${incident.status}">${
    incident.status
  }</span></td><td>${incident.urgency} · ${priority}</td><td>${escaped(
    names(
      state,
      incident.assignments.map(({ userId }) => userId),
    ),
  )}</td><td>${buttons}</td></tr>`;
}

function onCallRows(state: State, now: Date): string {
  return state.escalationPolicies
    .map((policy) => {
      const rows = onCallsOf(state, policy, now.getTime(), now.getTime());
      const levels = policy.rules.map((_, index) => {
        const people = rows.filter(({ level }) => level === index + 1).map(({ userId }) => userId);
        return `<li>Level ${index + 1}: ${escaped(names(state, [...new Set(people)]))}</li>`;
      });
      return `<section><h3>${escaped(policy.name)}</h3><ul>${levels.join('')}</ul></section>`;
    })
    .join('');
}

function overrideRows(state: State): string {
  const rows = state.schedules.flatMap((schedule) =>
    schedule.overrides.map(
      ({ start, end, userId }) =>
        `<li>${escaped(schedule.name)}: ${escaped(nameOf(state, userId))} <small>${escaped(start)} – ${escaped(end)}</small></li>`,
    ),
  );
  return rows.length === 0 ? '<p>None.</p>' : `<ul>${rows.join('')}</ul>`;
}

function ledgerRows(play: Play): string {
  const rows = play.memory
    .requests()
    .slice(-30)
    .reverse()
    .map(
      (write) =>
        `<tr><td>${write.number}</td><td>${escaped(write.at.slice(11, 19))}</td><td><code>${escaped(write.method)} ${escaped(
          write.path,
        )}</code><br><small><code>${escaped(write.bodyText.slice(0, 400))}</code></small></td><td>${escaped(
          write.from ?? '—',
        )}</td><td><span class="status ${write.outcome}">${write.outcome.replace('_', ' ')}</span> ${write.status ?? ''}</td></tr>`,
    );
  return rows.length === 0
    ? '<p>No write has arrived.</p>'
    : `<table><thead><tr><th>No.</th><th>At</th><th>Call</th><th>From</th><th>Became</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function mainHtml(play: Play): string {
  const state = play.memory.state();
  const newestFirst = [...state.incidents].sort((a, b) => b.number - a.number);
  const faults = play.faults.list();
  const waiting = faults.map(({ kind, left, match }) => {
    const path = match?.path === undefined ? '' : ` on ${String(match.path)}`;
    return `<li><code>${kind}</code> × ${left} for ${escaped(`${match?.method ?? 'any write'}${path}`)}</li>`;
  });
  return `<h2>Incidents</h2>
<table><thead><tr><th>No.</th><th>What</th><th>Status</th><th>Urgency</th><th>Assigned to</th><th>As a person in PagerDuty</th></tr></thead>
<tbody>${newestFirst.map((incident) => incidentRow(state, incident)).join('')}</tbody></table>
<h2>On call now</h2><div class="policies">${onCallRows(state, play.now())}</div>
<h2>Overrides</h2>${overrideRows(state)}
<h2>Writes received <small>${play.memory.requests().length} arrived, ${play.memory.ledger().length} applied</small></h2>${ledgerRows(play)}
<h2>Faults waiting</h2>${waiting.length === 0 ? '<p>None.</p>' : `<ul>${waiting.join('')}</ul>`}`;
}

/** What the page asks for every two seconds, and the same as data. */
export function shownState(play: Play) {
  const { incidents, notes, schedules } = play.memory.state();
  return {
    html: mainHtml(play),
    incidents,
    notes,
    overrides: schedules.flatMap(({ id, overrides }) => overrides.map((override) => ({ scheduleId: id, ...override }))),
    applied: play.memory.ledger().length,
    received: play.memory.requests().length,
    faults: play.faults.list(),
  };
}

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d8dce2, #3a404a); --soft: light-dark(#f4f6f8, #1e2229); }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.35rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; } h3 { font-size: .95rem; margin: 0; }
p, ul { margin: .25rem 0; } ul { padding-left: 1.1rem; } small { opacity: .75; font-weight: normal; }
table { width: 100%; border-collapse: collapse; } th { text-align: left; font-size: .8rem; opacity: .75; }
th { white-space: nowrap; } th, td { padding: .4rem .6rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td:first-child, td:last-child { white-space: nowrap; }
code { font: .85em ui-monospace, monospace; } .policies { display: flex; flex-wrap: wrap; gap: 1rem; }
.policies section, form { background: var(--soft); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; }
form { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; margin-top: 1rem; } label { display: grid; font-size: .8rem; }
button, select, input { font: inherit; padding: .25rem .6rem; border: 1px solid var(--line); border-radius: .35rem; }
button { cursor: pointer; } button:focus-visible { outline: 2px solid Highlight; outline-offset: 2px; }
.status { border-radius: 1rem; padding: .1rem .55rem; font-size: .8rem; white-space: nowrap; border: 1px solid var(--line); }
.triggered, .refused { background: light-dark(#fde3e1, #5b1f1c); } .acknowledged, .pending { background: light-dark(#fdf0d0, #574212); }
.resolved, .applied { background: light-dark(#dff3e4, #1d4a2b); }
@media (max-width: 46rem) { thead { display: none; } td { display: block; border: 0; padding: .1rem 0; } tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); } }
`;

const SCRIPT = `
const main = document.querySelector('main');
async function call(method, path, body) {
  const answer = await fetch(path, { method, body: body === undefined ? undefined : JSON.stringify(body) });
  if (!answer.ok) document.querySelector('output').textContent = await answer.text();
  else document.querySelector('output').textContent = '';
  await refresh();
}
async function refresh() {
  try {
    const { html } = await (await fetch('/_play/state')).json();
    if (main.dataset.html !== html) { main.innerHTML = html; main.dataset.html = html; }
  } catch { /* The server is away; the next refresh asks again. */ }
}
main.addEventListener('click', (event) => {
  const { incident, status } = event.target.dataset;
  if (!incident) return;
  const as = document.querySelector('#as').value;
  call('POST', '/_play/human', { as, method: 'PUT', path: '/incidents/' + incident, body: { incident: { type: 'incident_reference', status } } });
});
document.querySelector('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  call('POST', '/_play/faults', { kind: form.get('kind'), delayMs: Number(form.get('delayMs')) });
});
document.querySelector('#clear').addEventListener('click', () => call('DELETE', '/_play/faults'));
document.querySelector('#reset').addEventListener('click', () => call('POST', '/_play/reset'));
setInterval(refresh, 2000);
`;

const FAULT_WORDS: Record<FaultKind, string> = {
  drop_after: 'Apply it, lose the answer',
  drop_before: 'Lose the call, apply nothing',
  late_apply: 'Lose the answer, apply it after the delay',
  slow: 'Apply it, answer after the delay',
  error_after: 'Apply it, answer 500',
  error_before: 'Answer 500, apply nothing',
  garbage: 'Apply it, answer nonsense',
  refuse: 'Refuse it (400)',
  rate_limit_json: 'Too many calls (429)',
  rate_limit_html: 'Too many calls (429, without PagerDuty’s own words)',
  stale_read: 'Answer the next reading from before the last write',
};

/** The page on which people watch the playable PagerDuty and make its world change. */
export function playHtml(play: Play): string {
  const people = play.memory
    .state()
    .users.map(({ name, email }) => `<option value="${escaped(email)}">${escaped(name)}</option>`);
  const kinds = FAULT_KINDS.map((kind) => `<option value="${kind}">${FAULT_WORDS[kind]}</option>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Playable PagerDuty</title><style>${STYLE}</style></head><body>
<header><h1>Playable PagerDuty: Northwind Parcel</h1><p>Nothing here is real. Nobody is paged.</p></header>
<form>
<label>Acting person <select id="as">${people.join('')}</select></label>
<label>Fault for the next call <select name="kind">${kinds.join('')}</select></label>
<label>Delay in ms <input name="delayMs" type="number" min="0" step="500" value="2000"></label>
<button>Add fault</button> <button type="button" id="clear">Clear faults</button> <button type="button" id="reset">Start over</button>
<output></output></form>
<main>${mainHtml(play)}</main><script>${SCRIPT}</script></body></html>`;
}
