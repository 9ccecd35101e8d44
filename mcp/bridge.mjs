#!/usr/bin/env node
// For clients that start their servers as programs: passes JSON-RPC lines between standard input and Countersign's
// /mcp, and holds nothing but its address and the agent's credential. Each line travels as it is: parsed and written
// anew, a key given twice would be one silently, and Countersign could not refuse it any more.
// This file needs nothing beside Node, so it can be copied to where the agent runs.
import { createInterface } from 'node:readline';

const { COUNTERSIGN_URL, COUNTERSIGN_TOKEN } = process.env;

function giveUp(sentence) {
  process.stderr.write(`countersign-mcp: ${sentence}\n`);
  process.exit(1);
}

if (!COUNTERSIGN_URL || !URL.canParse(COUNTERSIGN_URL) || !/^https?:$/.test(new URL(COUNTERSIGN_URL).protocol)) {
  giveUp('COUNTERSIGN_URL must be the address of /mcp, such as http://127.0.0.1:4601/mcp.');
}
if (!COUNTERSIGN_TOKEN || !/^[\x21-\x7e]+$/.test(COUNTERSIGN_TOKEN)) {
  giveUp('COUNTERSIGN_TOKEN must be the credential of an agent, as made by "npm run agents -- create NAME".');
}
if (process.argv.length > 2) giveUp('It takes no arguments: a credential there could be seen by every local user.');

/** The 2025 protocol agrees on a version once; later requests name it. */
let agreedVersion = null;
/** What is on its way, by id: cancelling one ends our request, which ends the wait there and nothing else. */
const inFlight = new Map();

process.stdout.on('error', () => process.exit(0));
const write = (message) => process.stdout.write(`${message}\n`);
const fail = (id, code, message) => write(JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } }));

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The headers that both protocol eras want to see repeated outside of the body. */
function headersFor({ method, params }) {
  const meta = isObject(params?._meta) ? params._meta : {};
  const modern = meta['io.modelcontextprotocol/protocolVersion'];
  const name = params?.name ?? params?.uri;
  const plain = (value) => typeof value === 'string' && /^[\x20-\x7e]+$/.test(value);
  return {
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${COUNTERSIGN_TOKEN}`,
    'content-type': 'application/json',
    ...(plain(modern) && { 'mcp-protocol-version': modern, 'mcp-method': method }),
    ...(plain(modern) && plain(name) && { 'mcp-name': name }),
    ...(!plain(modern) && plain(agreedVersion) && { 'mcp-protocol-version': agreedVersion }),
  };
}

/** Every message of an answer, whether it came alone or as a stream. */
async function* messagesOf(response) {
  if (!(response.headers.get('content-type') ?? '').startsWith('text/event-stream')) {
    const text = await response.text();
    if (text.trim() !== '') yield text;
    return;
  }
  const decoder = new TextDecoder();
  let waiting = '';
  for await (const chunk of response.body) {
    const events = (waiting + decoder.decode(chunk, { stream: true })).split(/\r?\n\r?\n/);
    waiting = events.pop() ?? '';
    for (const event of events) {
      const data = event
        .split(/\r?\n/)
        .flatMap((line) => (line.startsWith('data:') ? [line.slice(5).trimStart()] : []));
      if (data.length > 0 && data.join('') !== '') yield data.join('\n');
    }
  }
}

/** Passes the answer on. @returns whether it held the response to `id`. */
async function passOn(response, { id, method }) {
  let answered = false;
  for await (const text of messagesOf(response)) {
    const message = JSON.parse(text);
    if (message.id === null && message.error && id !== undefined) message.id = id;
    if (message.id === id && ('result' in message || 'error' in message)) {
      answered = true;
      if (method === 'initialize') agreedVersion = message.result?.protocolVersion ?? null;
    }
    write(JSON.stringify(message));
  }
  return answered;
}

function lostSentence({ method }) {
  const look = method === 'tools/call' ? ' If it was a write, list_my_requests tells whether it is held.' : '';
  return `The connection to Countersign was lost before it answered.${look}`;
}

async function forward(line, message) {
  const { id } = message;
  const controller = new AbortController();
  if (id !== undefined) inFlight.set(id, controller);
  try {
    const response = await fetch(COUNTERSIGN_URL, {
      method: 'POST',
      headers: headersFor(message),
      body: line,
      redirect: 'error',
      signal: controller.signal,
    });
    const answered = await passOn(response, message);
    if (!answered && id !== undefined) fail(id, -32603, lostSentence(message));
  } catch {
    if (id !== undefined && !controller.signal.aborted) fail(id, -32603, lostSentence(message));
  } finally {
    inFlight.delete(id);
  }
}

createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
  .on('line', (line) => {
    if (line.trim() === '') return;
    let message;
    try {
      message = JSON.parse(line);
    } catch {
      fail(null, -32700, 'The line is not valid JSON.');
      return;
    }
    if (!isObject(message)) fail(null, -32600, 'Send one JSON-RPC message per line.');
    else if (message.method === 'notifications/cancelled') inFlight.get(message.params?.requestId)?.abort();
    else void forward(line, message);
  })
  // Without a client nobody waits for anything; what is held stays held.
  .on('close', () => process.exit(0));
