// The part of the page that runs in the browser: shows what changed, and tells what the person did.

const { as, in: place } = document.body.dataset;
const screen = document.querySelector('#screen');
const modal = document.querySelector('#modal');
const confirmation = document.querySelector('#confirm');
const output = document.querySelector('#status');
const REFRESH_MS = 1000;

async function post(path, body = {}) {
  const headers = { 'content-type': 'application/json' };
  return await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** What the person was doing when the ground under them changed. */
function heldFocus() {
  const { id, dataset } = document.activeElement ?? { dataset: {} };
  return () => {
    const { block, action, value } = dataset ?? {};
    const again = id
      ? document.getElementById(id)
      : [...document.querySelectorAll('[data-action]')].find(
          ({ dataset: other }) => other.block === block && other.action === action && other.value === value,
        );
    again?.focus();
  };
}

const sources = new Map([...screen.children].map((child) => [child.dataset.key, child.outerHTML]));
const byKey = (key) => [...screen.children].find((child) => child.dataset.key === key);

/** Messages scroll in their own frame; on a phone the whole page does. */
const scroller = () => (screen.scrollHeight > screen.clientHeight + 1 ? screen : document.documentElement);

function isAtEnd() {
  const { scrollTop, clientHeight, scrollHeight } = scroller();
  return scrollTop + clientHeight >= scrollHeight - 80;
}

function toEnd() {
  if (place !== 'home') screen.lastElementChild?.scrollIntoView({ block: 'end' });
}

/** Puts new messages into their place and leaves those alone that are as they were. */
function showMain(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  const next = [...template.content.children];
  const keys = next.map((child) => child.dataset.key);
  const follow = isAtEnd();
  const before = screen.childElementCount;
  const refocus = screen.contains(document.activeElement) ? heldFocus() : null;
  for (const child of [...screen.children]) if (!keys.includes(child.dataset.key)) child.remove();
  next.forEach((child, index) => {
    const { key } = child.dataset;
    const source = child.outerHTML;
    const old = byKey(key);
    if (old === undefined) screen.insertBefore(child, screen.children[index] ?? null);
    else if (sources.get(key) !== source) old.replaceWith(child);
    sources.set(key, source);
  });
  if (refocus !== null && document.activeElement === document.body) refocus();
  if (follow && screen.childElementCount > before) toEnd();
}

/** By name, as lists; `page.js` sends lists only where several can be chosen. */
function filledIn() {
  const form = modal.querySelector('form');
  const values = {};
  for (const field of form?.elements ?? []) {
    if (!field.name) continue;
    if (field.type === 'checkbox' || field.type === 'radio') {
      values[field.name] ??= [];
      if (field.checked) values[field.name].push(field.value);
    } else if (field instanceof HTMLSelectElement) {
      values[field.name] = [...field.selectedOptions].map(({ value }) => value).filter((value) => value !== '');
    } else values[field.name] = field.value;
  }
  return values;
}

function fillIn(values) {
  for (const field of modal.querySelector('form')?.elements ?? []) {
    const value = values[field.name];
    if (value === undefined) continue;
    if (field.type === 'checkbox' || field.type === 'radio') field.checked = value.includes(field.value);
    else if (field instanceof HTMLSelectElement) {
      for (const option of field.options) option.selected = value.includes(option.value);
    } else field.value = value;
  }
}

let shownModal = '';

/** Opens, changes or closes the dialog; what was typed into the same view stays. */
function showModal(html) {
  if (html === shownModal) return;
  shownModal = html;
  if (html === '') {
    modal.close();
    modal.replaceChildren();
    return;
  }
  const view = modal.querySelector('form')?.dataset.view;
  const values = filledIn();
  const refocus = modal.contains(document.activeElement) ? heldFocus() : null;
  modal.innerHTML = html;
  if (!modal.open) modal.showModal();
  if (modal.querySelector('form').dataset.view !== view) return;
  fillIn(values);
  const wrong = modal.querySelector('[aria-invalid]');
  if (wrong) wrong.focus();
  else refocus?.();
}

let away = false;

async function refresh() {
  try {
    const answer = await fetch(`/_play/screen?${new URLSearchParams({ as, in: place })}`);
    const { main, modal: dialog, title, waiting } = await answer.json();
    showMain(main);
    showModal(dialog);
    document.querySelector('#title').textContent = title;
    document.querySelector('#waiting').textContent =
      waiting === 0 ? '' : `${waiting} waiting for the app’s next calls.`;
    if (away) output.textContent = '';
    away = false;
  } catch {
    // The server is away; the next refresh asks again.
    away = true;
    output.textContent = 'This Slack is away.';
  }
}

function complaint({ error, answer }) {
  if (error) return error;
  if (!answer || answer.status === 200) return '';
  return `The app did not take it: ${answer.status === 0 ? answer.body : `HTTP ${answer.status}`}.`;
}

async function act(body) {
  output.textContent = '';
  const answer = await post('/_play/act', { as, ...body });
  const said = await answer.json();
  await refresh();
  // A modal shows by itself what is wrong with it.
  if (!modal.open) output.textContent = complaint(said);
  // What the app does after its acknowledgement is mostly there soon.
  setTimeout(refresh, REFRESH_MS / 4);
}

/** Asks before anything is sent, in the words of the app. */
async function confirmed(text) {
  const { title, text: question, confirm, deny, style } = JSON.parse(text);
  document.querySelector('#confirm-title').textContent = title;
  document.querySelector('#confirm-text').textContent = question;
  document.querySelector('#confirm-no').textContent = deny;
  const yes = document.querySelector('#confirm-yes');
  yes.textContent = confirm;
  yes.className = `button ${style}`;
  confirmation.returnValue = 'no';
  confirmation.showModal();
  await new Promise((closed) => confirmation.addEventListener('close', closed, { once: true }));
  return confirmation.returnValue === 'yes';
}

/** Tells that an element was used. @param value what was chosen, for menus and boxes. */
async function use(element, value) {
  const { act: kind, block, action, channel, ts, confirm } = element.dataset;
  if (confirm && !(await confirmed(confirm))) return;
  const where = kind === 'click' ? { channel, ts } : kind === 'clickModal' ? { values: filledIn() } : {};
  await act({ act: kind, blockId: block, actionId: action, ...where, ...(value === undefined ? {} : { value }) });
}

function closeMenus(except) {
  for (const button of document.querySelectorAll('[data-menu][aria-expanded="true"]')) {
    if (button !== except) toggleMenu(button, false);
  }
}

function toggleMenu(button, open) {
  button.setAttribute('aria-expanded', String(open));
  const menu = button.nextElementSibling;
  menu.hidden = !open;
  menu.className = '';
  if (!open) return;
  const { left, bottom } = menu.getBoundingClientRect();
  menu.classList.toggle('to-right', left < 0);
  menu.classList.toggle('above', bottom > Math.min(innerHeight, screen.getBoundingClientRect().bottom));
  menu.querySelector('button')?.focus();
}

document.addEventListener('click', (event) => {
  const target = event.target.closest('[data-menu], [data-act], [data-fault], [data-reset]');
  closeMenus(target);
  if (target === null) return;
  const { act: kind, value, fault } = target.dataset;
  if ('menu' in target.dataset) toggleMenu(target, target.getAttribute('aria-expanded') !== 'true');
  else if (fault) void post('/_play/fault', { kind: fault }).then(refresh);
  else if ('reset' in target.dataset) void post('/_play/reset').then(refresh);
  else if (kind === 'close') void act({ act: 'close' });
  // Links are buttons too: they open, and the app is told.
  else if (target.matches('button, a')) void use(target, value === undefined ? undefined : [value]);
});

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') closeMenus();
});

document.addEventListener('change', ({ target }) => {
  if (target.id === 'as') target.form.submit();
  if (!('act' in target.dataset)) return;
  if (target instanceof HTMLSelectElement)
    void use(
      target,
      [...target.selectedOptions].map(({ value }) => value),
    );
  else {
    const group = document.querySelectorAll(`input[name="${CSS.escape(target.name)}"]:checked`);
    void use(
      target,
      [...group].map(({ value }) => value),
    );
  }
});

document.querySelector('#composer')?.addEventListener('submit', (event) => {
  event.preventDefault();
  const field = event.target.elements.text;
  if (field.value.trim() === '') return;
  void act({ act: 'type', channel: place, text: field.value.trim() });
  field.value = '';
});

modal.addEventListener('submit', (event) => {
  event.preventDefault();
  void act({ act: 'submit', values: filledIn() });
});
// Escape closes a modal for Slack as well.
modal.addEventListener('cancel', (event) => {
  event.preventDefault();
  void act({ act: 'close' });
});

toEnd();
if (place === 'home') void act({ act: 'openHome' });
else void refresh();
setInterval(refresh, REFRESH_MS);
