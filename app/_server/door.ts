import 'server-only';
import type { Context } from '#approvals/context.ts';
import type { Person } from '#identity/sessions.ts';
import { ApprovalError } from '#process/errors.ts';
import { base } from './context.ts';
import { foreignOrigin } from './origin.ts';
import type { OwnPath } from './own-path.ts';
import { NotSignedIn, type Problem, toProblem } from './problem.ts';
import { personContext, signedInPerson } from './session.ts';

const MAX_FORM_BYTES = 16 * 1024;

/** What a door does after its work: words for the page, where a plain form goes on, and cookies. */
export interface Answer {
  message?: string;
  goTo?: '/queue' | '/slack' | '/slack?linked=1' | '/sign-in' | '/sign-in?problem=link' | OwnPath;
  cookies?: string[];
}

export interface Visit {
  ctx: Context;
  person: Person;
  form: URLSearchParams;
}

async function readForm(request: Request): Promise<URLSearchParams> {
  const type = request.headers.get('content-type') ?? '';
  const length = Number(request.headers.get('content-length') ?? Number.NaN);
  if (!type.startsWith('application/x-www-form-urlencoded'))
    throw new ApprovalError('invalid', 'Only forms are accepted.');
  if (!(length <= MAX_FORM_BYTES)) throw new ApprovalError('invalid', 'The form is too large.');
  return new URLSearchParams(await request.text());
}

/** Our own pages ask for JSON; a plain form gets a redirect, or the sentence as text. */
function respond(request: Request, answer: Answer): Response {
  // What a door tells may be for one pair of eyes, once.
  const headers = new Headers({ 'cache-control': 'no-store' });
  for (const cookie of answer.cookies ?? []) headers.append('set-cookie', cookie);
  if (request.headers.get('accept')?.includes('application/json')) {
    return Response.json({ message: answer.message, goTo: answer.goTo }, { headers });
  }
  headers.set('location', answer.goTo ?? '/queue');
  return new Response(null, { status: 303, headers });
}

function refuse(request: Request, { httpStatus, sentence }: Problem): Response {
  if (request.headers.get('accept')?.includes('application/json')) {
    return Response.json({ error: sentence }, { status: httpStatus });
  }
  return new Response(`${sentence}\n`, {
    status: httpStatus,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  });
}

/** A POST from one of our own pages, by anybody. */
export async function openDoor(request: Request, work: (form: URLSearchParams) => Promise<Answer>): Promise<Response> {
  const { settings, log } = base();
  const foreign = foreignOrigin(request.headers, settings.publicOrigin);
  if (foreign !== null) return refuse(request, { httpStatus: 403, sentence: `Refused. ${foreign}` });
  try {
    return respond(request, await work(await readForm(request)));
  } catch (error) {
    return refuse(request, toProblem(error, log));
  }
}

/** A POST from one of our own pages, by a signed-in person. */
export function openPersonDoor(request: Request, work: (visit: Visit) => Promise<Answer>): Promise<Response> {
  return openDoor(request, async (form) => {
    const person = await signedInPerson();
    if (person === null) throw new NotSignedIn();
    return work({ ctx: personContext(person), person, form });
  });
}
