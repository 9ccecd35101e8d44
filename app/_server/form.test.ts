import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ApprovalError } from '#process/errors.ts';
import { silentLog } from '#process/log.ts';
import { parseForm } from './form.ts';
import { toProblem } from './problem.ts';

const schema = z.object({ reason: z.string().max(10, 'must have at most 10 characters') });
const parse = (form: string) => parseForm(new URLSearchParams(form), schema);

function refusal(form: string) {
  try {
    parse(form);
  } catch (error) {
    expect(error).toBeInstanceOf(ApprovalError);
    return toProblem(error, silentLog);
  }
  throw new Error('the form was accepted');
}

describe('a form of a page', () => {
  test('is read by its schema', () => {
    expect(parse('reason=no%0Ano')).toEqual({ reason: 'no\nno' });
  });

  test('that does not fit is refused with the field and the reason', () => {
    expect(refusal('reason=far+too+many+words').sentence).toBe('reason: must have at most 10 characters');
  });

  test('with a character that cannot be stored is refused in words and not by the database', () => {
    const sentence = 'reason: must not contain the character U+0000';
    expect(refusal('reason=a%00b')).toEqual({ httpStatus: 400, sentence });
  });
});
