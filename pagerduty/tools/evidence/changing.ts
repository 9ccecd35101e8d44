import type { JsonObject } from '../../json.ts';
import type { Evidence, SummaryLine, Undo, Watched } from '../../write-tool.ts';
import { shareable } from '../words/secrets.ts';
import { listed, oneLine, sameName, wholeOrEmpty } from '../words/wording.ts';
import { absence, presence, type Trail } from './trail.ts';
import { watchedPart } from './watching.ts';

/** One field that can be changed of something that exists: what is shown, compared and put back is one reading of it. */
export interface Field<Value, Facts> {
  /** On the card. */
  label: string;
  /** What it is now, in the form in which it can be asked for. Null: it has none, or PagerDuty does not tell. */
  now: (facts: Facts) => Value | null;
  /** In words, before and after; a list has a numbered line for each. */
  said: (value: Value | null, facts: Facts) => string | string[];
  same: (asked: Value, now: Value) => boolean;
  /** As it must stay until the call is sent. */
  watched: (facts: Facts) => Watched;
}

/** The tool that puts former values back. */
interface Back {
  tool: string;
  input: (former: JsonObject) => JsonObject;
  note: string;
}

function linesOf(label: string, now: string | string[], after: string | string[]): SummaryLine[] {
  if (!Array.isArray(now) || !Array.isArray(after)) return [{ label, now: `${now}`, after: `${after}` }];
  return Array.from({ length: Math.max(now.length, after.length) }, (_, index) => ({
    label: `${label} ${index + 1}`,
    now: now[index] ?? null,
    after: after[index] ?? 'removed',
  }));
}

/**
 * Everything that follows from the fields that one tool can change. Each member takes what was asked for; a field that
 * was not asked for stays as it is. `thing` is what they belong to, e.g. `team`.
 */
export function changeTable<Change extends object, Facts>(
  thing: string,
  fields: { [Name in keyof Change]-?: Field<NonNullable<Change[Name]>, Facts> },
) {
  type Name = keyof Change & string;
  // The cast holds: these are the names that the type of the table demands.
  const names = Object.keys(fields) as Name[];
  const askedNames = (asked: Partial<Change>) => names.filter((name) => asked[name] !== undefined);

  const differs = <N extends Name>(name: N, asked: Change[N] | undefined, facts: Facts): boolean => {
    const now = fields[name].now(facts);
    return asked !== undefined && asked !== null && (now === null || !fields[name].same(asked, now));
  };
  const lines = <N extends Name>(name: N, asked: Change[N] | undefined, facts: Facts): SummaryLine[] => {
    const { label, now, said } = fields[name];
    return linesOf(label, said(now(facts), facts), said(asked ?? null, facts));
  };
  const differing = (asked: Partial<Change>, facts: Facts): Name[] =>
    askedNames(asked).filter((name) => differs(name, asked[name], facts));

  /** Whether the thing has every value that was asked for, and the sentence that says so. */
  const seen = (asked: Partial<Change>, facts: Facts) => {
    const missing = differing(asked, facts).length;
    const some = missing < askedNames(asked).length ? 'only some' : 'none';
    const share = missing === 0 ? 'every value that was asked for' : `${some} of the values that were asked for`;
    return { all: missing === 0, sentence: `The ${thing} has ${share}.` };
  };

  /** What every asked field was, as far as it can be asked for. */
  const former = (asked: Partial<Change>, facts: Facts): JsonObject => {
    const values = askedNames(asked).map((name) => [name, fields[name].now(facts)] as const);
    // The cast holds: what can be asked for is JSON.
    return Object.fromEntries(values.filter(([, value]) => value !== null)) as JsonObject;
  };

  return {
    /** The asked fields that have another value. */
    differing,
    /** A line for every asked field. */
    lines: (asked: Partial<Change>, facts: Facts): SummaryLine[] =>
      askedNames(asked).flatMap((name) => lines(name, asked[name], facts)),
    /** Every field, also those that were not asked for. */
    watched: (facts: Facts): Watched[] => names.map((name) => fields[name].watched(facts)),
    former,
    /** Puts back what every asked field was. */
    undo(asked: Partial<Change>, facts: Facts, { tool, input, note }: Back): Undo {
      const values = former(asked, facts);
      const lost = listed(
        askedNames(asked).flatMap((name) => (Object.hasOwn(values, name) ? [] : [fields[name].label.toLowerCase()])),
      );
      if (Object.keys(values).length === 0) {
        return { possible: false, because: `What the ${thing} had before cannot be asked for: ${lost}.` };
      }
      return {
        possible: true,
        tool,
        input: input(values),
        complete: lost === '',
        note: lost === '' ? note : `${note} What it had before cannot be asked for, and stays: ${lost}.`,
      };
    },
    seen,
    /** What it means for a lost call that the thing is like that. */
    evidence(asked: Partial<Change>, facts: Facts, trail: Trail, result: JsonObject | null): Evidence {
      const { all, sentence } = seen(asked, facts);
      return all ? presence(trail, sentence, result) : absence(trail, sentence);
    },
    /** A newer ask for the same fields of the same thing replaces an older one. */
    supersedes: (tool: string, asked: Partial<Change>, id: string): string =>
      `${tool} ${askedNames(asked).sort().join('+')} ${id}`,
  };
}

export const equal = (asked: unknown, now: unknown): boolean => asked === now;

/** A description inside the sentence that says what has changed, which agents read. */
export const descriptionForAgents = (description: string | null): string =>
  `"${oneLine(shareable(description ?? ''))}"`;

/** What has a name and a description; the name that is shown is bounded, the exact one is word for word. */
interface Described {
  name: string;
  exactName: string;
  description: string | null;
}

/** The two fields that nearly everything has. */
export const nameAndDescription = <Facts>(thing: string, of: (facts: Facts) => Described) => ({
  name: {
    label: 'Name',
    now: (facts: Facts) => of(facts).exactName,
    said: wholeOrEmpty,
    same: sameName,
    watched(facts: Facts) {
      const { name, exactName } = of(facts);
      return watchedPart(`the ${thing} "${name}"`, 'name', exactName, `"${name}"`);
    },
  },
  description: {
    label: 'Description',
    now: (facts: Facts) => of(facts).description ?? '',
    said: wholeOrEmpty,
    same: equal,
    watched(facts: Facts) {
      const { name, description } = of(facts);
      return watchedPart(`the ${thing} "${name}"`, 'description', description, descriptionForAgents(description));
    },
  },
});

/** Whether both name the same things, in whatever order. */
export const sameIds = (asked: { id: string }[], now: { id: string }[]): boolean => idsOf(asked) === idsOf(now);

const idsOf = (list: { id: string }[]) =>
  list
    .map(({ id }) => id)
    .sort()
    .join();
