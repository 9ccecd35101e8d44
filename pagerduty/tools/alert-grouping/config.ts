import { z } from 'zod';
import { hidden } from '../../published.ts';
import { jsonText, optional, referenceTo, text } from '../input/parameters.ts';

const groupingType = z.enum(['content_based', 'content_based_intelligent', 'intelligent', 'time']);
type GroupingType = z.infer<typeof groupingType>;

const fields = optional(
  jsonText(
    z
      .array(text({ max: 200 }))
      .min(1)
      .max(50),
  ),
);

const config = z
  .strictObject({
    aggregate: optional(z.enum(['all', 'any'])),
    fields,
    time_window: optional(z.int().min(0).max(86_400)).describe(
      'Seconds: 300 to 3600, 0 = as PagerDuty recommends; content_based also 86400.',
    ),
    recommended_time_window: hidden(optional(z.int())),
    timeout: optional(z.int().min(0).max(86_400)).describe('Seconds: 60 to 86400, 0 = until the incident is resolved.'),
    iag_fields: fields,
  })
  .transform(({ recommended_time_window: _ignored, ...rest }) => rest);
type Config = z.infer<typeof config>;

/** What each kind of grouping must and may have. */
const PARTS: Record<GroupingType, { needs: (keyof Config)[]; may: (keyof Config)[] }> = {
  content_based: { needs: ['aggregate', 'fields', 'time_window'], may: [] },
  content_based_intelligent: { needs: ['aggregate', 'fields', 'time_window'], may: [] },
  intelligent: { needs: ['time_window'], may: ['iag_fields'] },
  time: { needs: ['timeout'], may: [] },
};

const ALL_PARTS = ['aggregate', 'fields', 'time_window', 'timeout', 'iag_fields'] as const satisfies (keyof Config)[];

const WINDOW = 'time_window must be 300 to 3600 seconds, or 0 for what PagerDuty recommends';

function windowProblem(type: GroupingType, window: number): string | null {
  if (window === 0 || (window >= 300 && window <= 3_600)) return null;
  if (type !== 'content_based') return `${WINDOW}.`;
  return window === 86_400 ? null : `${WINDOW}, or 86400.`;
}

interface Wanted {
  type: GroupingType;
  config: Config;
  services?: { id: string }[] | undefined;
}

/** Refuses, in sentences, what does not fit the type. The published schema stays one flat object. */
export function checkGrouping({ type, config: wanted, services }: Wanted, ctx: z.core.$RefinementCtx<unknown>): void {
  const problem = (message: string) => ctx.addIssue({ code: 'custom', message });
  const { needs, may } = PARTS[type];
  for (const part of needs) if (wanted[part] === undefined) problem(`The type ${type} needs config.${part}.`);
  for (const part of ALL_PARTS) {
    if (wanted[part] !== undefined && ![...needs, ...may].includes(part)) {
      problem(`config.${part} means nothing for the type ${type}.`);
    }
  }
  const wrong = wanted.time_window === undefined ? null : windowProblem(type, wanted.time_window);
  if (wrong !== null) problem(wrong);
  if (wanted.timeout !== undefined && wanted.timeout > 0 && wanted.timeout < 60) {
    problem('timeout must be 60 to 86400 seconds, or 0 for until the incident is resolved.');
  }
  if (services !== undefined && new Set(services.map(({ id }) => id)).size < services.length) {
    problem('A service is named twice.');
  }
  if (type === 'content_based_intelligent' && (services?.length ?? 0) > 1) {
    problem('The type content_based_intelligent allows one service only.');
  }
}

export const groupedServices = jsonText(z.array(referenceTo('service', 'service_reference')).min(1).max(250));

/** What both writes take; whether services must be given is theirs to say. */
export const groupingFields = {
  name: optional(z.string().max(255)),
  description: optional(z.string().max(1_024)),
  type: groupingType,
  config: jsonText(config).describe(
    'content_based and content_based_intelligent: aggregate, fields, time_window. intelligent: time_window, iag_fields. time: timeout.',
  ),
};
