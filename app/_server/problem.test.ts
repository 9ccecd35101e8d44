import { describe, expect, test } from 'vitest';
import { ApprovalError, type ApprovalErrorCode } from '#process/errors.ts';
import { silentLog } from '#process/log.ts';
import { NotSignedIn, toProblem } from './problem.ts';

const STATUSES: Record<ApprovalErrorCode, number> = {
  not_found: 404,
  invalid: 400,
  forbidden: 403,
  conflict: 409,
  expired: 409,
  precondition_failed: 412,
  limit_exceeded: 429,
  unavailable: 503,
};

describe('what a person is told when something could not be done', () => {
  test.each(Object.entries(STATUSES))('%s keeps its sentence and answers %i', (code, httpStatus) => {
    const error = new ApprovalError(code as ApprovalErrorCode, 'This is why.');
    const problem = toProblem(error, silentLog);
    expect(problem.httpStatus).toBe(httpStatus);
    expect(problem.sentence).toMatch(/^This is why\./);
  });

  test('says that nothing was changed when PagerDuty could not be asked', () => {
    const problem = toProblem(new ApprovalError('unavailable', 'PagerDuty did not answer.'), silentLog);
    expect(problem.sentence).toContain('Nothing was changed');
  });

  test('sends somebody without a session to a new link', () => {
    expect(toProblem(new NotSignedIn(), silentLog)).toMatchObject({ httpStatus: 401 });
  });

  test('logs what nobody foresaw under the id that the person is told, without its message', () => {
    const logged: string[] = [];
    const log = { ...silentLog, error: (message: string, fields = {}) => logged.push(message, JSON.stringify(fields)) };
    const cause = new Error('also secret');
    const { httpStatus, sentence } = toProblem(new TypeError('parameter: hunter2', { cause }), log);
    const id = /Error id: ([0-9a-f]{8})\./.exec(sentence)?.[1];
    expect(httpStatus).toBe(500);
    expect(id).toBeDefined();
    expect(logged.join(' ')).toContain(`${id} TypeError`);
    expect(logged.join(' ') + sentence).not.toMatch(/hunter2|secret/);
  });
});
