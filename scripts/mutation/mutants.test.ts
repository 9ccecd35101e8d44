// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source is quoted.
import { describe, expect, test } from 'vitest';
import { mutantsOf, switchable } from './mutants.ts';

/** Each mutant as what is replaced and by what. */
const tried = (text: string, file = 'a.ts') => mutantsOf(file, text).map(({ was, becomes }) => `${was} => ${becomes}`);

describe('the ways to break a source file', () => {
  test('a guard is not asked, and each part of a condition is left out', () => {
    expect(tried('if (!row) throw gone();')).toEqual(['!row => false']);
    expect(tried('if (late && (off || gone)) throw no();')).toEqual([
      'late && (off || gone) => false',
      'late => true',
      'off || gone => true',
      'off => false',
      'gone => false',
    ]);
    expect(tried('const may = on && !own;')).toEqual(['on => true', '!own => true']);
  });

  test('a boundary moves, a comparison and a choice come out either way', () => {
    expect(tried('const full = made >= most;')).toEqual(['made >= most => made > most']);
    expect(tried('const own = a === b;')).toEqual(['a === b => true', 'a === b => false']);
    expect(tried('const who = own ? mine : theirs;')).toEqual(['own => true', 'own => false']);
    expect(tried("const word = own ? 'yours' : 'theirs';")).toEqual([]);
  });

  test('a step is left out, but not what is told to the log', () => {
    expect(tried('await record(tx); ctx.log.info(`done`);')).toEqual(['await record(tx); => ']);
  });

  test('what is picked from a list is the whole list, and who is looked for is anybody', () => {
    expect(tried("all.filter((one) => one.decision === 'approve').length;")).toEqual([
      ".filter((one) => one.decision === 'approve') => ",
    ]);
    expect(tried('const found = all.some((one) => one.id === id);')).toEqual(['one.id === id => true']);
    expect(tried('const needed = Math.max(asked, least);')).toEqual([
      'Math.max(asked, least) => asked',
      'Math.max(asked, least) => least',
    ]);
  });

  test('a query loses each of its conditions and its lock', () => {
    expect(tried("db.select().from(t).where(and(eq(t.id, id), t.active)).for('update')")).toEqual(
      expect.arrayContaining(['eq(t.id, id) => undefined', 't.active => undefined', ".for('update') => "]),
    );
    expect(tried('const due = sql`${t.at} <= ${now()} and not ${busy(`a`)}`;')).toEqual([
      '<= => <',
      '${t.at} <= ${now()} => true',
      'not ${busy(`a`)} => true',
    ]);
  });
});

describe('the ways to break a migration', () => {
  const sql = (text: string) => tried(text, 'a.sql');

  test('a condition, a lock, a step and a trigger are taken out', () => {
    expect(sql('if made >= most then return made; end if;')).toEqual(['made >= most => false', '>= => >']);
    expect(sql("select id from r where a = 'x and y' and (b or not c) order by d;")).toEqual([
      "a = 'x and y' => true",
      '(b or not c) => true',
      'b => false',
      'not c => false',
    ]);
    expect(sql('perform lock(1); select from a where id = 1 for share;')).toEqual([
      'perform lock(1); => ',
      'id = 1 => true',
      'for share => ',
    ]);
    expect(sql('create trigger kept before update or delete on events execute function no();')).toEqual([
      'create trigger kept before update or delete on events execute function no(); => ',
    ]);
    expect(sql('if new.status is distinct from old.status then stop(); end if;')).toEqual([
      'new.status is distinct from old.status => false',
    ]);
  });
});

describe('a mark', () => {
  test('excuses the next place where that is replaced, and no other', () => {
    const text = '// Unnoticed without `b`: the index holds it.\nif (a || b) no();\nif (b) no();';
    expect(mutantsOf('a.ts', text).map(({ line, was, unnoticed }) => [line, was, unnoticed])).toEqual([
      [2, 'a', null],
      [2, 'b', 'the index holds it.'],
      [2, 'no();', null],
      [3, 'b', null],
      [3, 'no();', null],
    ]);
  });

  test('must be about something', () => {
    expect(() => mutantsOf('a.ts', 'ok();\n// Unnoticed without `b`: the index holds it.')).toThrow(
      /No mutant is meant/,
    );
  });
});

test('all of them stand in one file, and one at a time is switched on', () => {
  const text = `globalThis.ask = (late, made) => {
    const said = [];
    if (late && made > 1) said.push('no');
    return [...said, ...[1, 2].filter((n) => n > 1)].join();
  };`;
  const mutants = mutantsOf('a.ts', text).map((one, index) => ({ ...one, number: index + 1 }));
  const world = { mutant: 0, ask: (_late: boolean, _made: number): string => '' };
  new Function('globalThis', switchable(text, mutants))(world);
  const answers = [{ number: 0, was: '' }, ...mutants].map(({ number, was }) => {
    world.mutant = number;
    return `${was}: ${world.ask(true, 2)} | ${world.ask(false, 1)}`;
  });
  expect(answers).toEqual([
    ': no,2 | 2',
    'late && made > 1: 2 | 2',
    'late: no,2 | 2',
    'made > 1: no,2 | 2',
    'made > 1: no,2 | 2',
    "said.push('no');: 2 | 2",
    '.filter((n) => n > 1): no,1,2 | 1,2',
    'n > 1: no,1,2 | 1,2',
  ]);
});
