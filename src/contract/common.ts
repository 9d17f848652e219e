/**
 * What the shapes of all resources share. `meta` is for the OpenAPI document: the name of a shape there, and what zod cannot say
 * of it.
 */
import { z } from 'zod';
import { parseAddressRule } from '../domain/network.ts';
import { isSlug } from '../domain/slug.ts';

/** For the document; `isSlug` is who decides. */
export const SLUG_PATTERN = '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$';

export const slug = z
  .string()
  .refine(
    isSlug,
    'must be 1 to 63 lower-case letters, digits and hyphens, and begin and end with a letter or digit',
  )
  .meta({ pattern: SLUG_PATTERN });

/** Without control characters, as JSON Schema says it. */
export const ONE_LINE = '^[^\\x00-\\x1f\\x7f-\\x9f]*$';
const LINES = '^[^\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]*$';

/** A text that people read: no control characters, so that it can do nothing in a terminal, a header or a spreadsheet row. */
export const label = z
  .string()
  .min(1, 'must not be empty')
  .max(200, 'must be at most 200 characters')
  .refine((text) => !/\p{Cc}/u.test(text), 'must not hold control characters')
  .meta({ pattern: ONE_LINE });

export const text = z
  .string()
  .max(2000, 'must be at most 2000 characters')
  .refine((value) => !/[^\P{Cc}\n\t]/u.test(value), 'must not hold control characters')
  .meta({ pattern: LINES });

/** A member that a create takes and a change refuses: `why` says so. */
export const fixed = (why = 'cannot be changed') => z.never(why).optional();

/** Addresses and CIDR blocks, IPv4 and IPv6; each mistake says what was probably meant. */
export const ipList = z
  .array(
    z.string().superRefine((rule, context) => {
      const parsed = parseAddressRule(rule);
      if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.detail });
    }),
  )
  .max(1000, 'must be at most 1000 entries')
  .describe('Addresses and CIDR blocks, IPv4 and IPv6; an empty list restricts nothing.');

const shortText = (max: number) =>
  z
    .string()
    .max(max, `must be at most ${max} characters`)
    .refine((value) => !/\p{Cc}/u.test(value), 'must not hold control characters');

/** A name that people give, to tell like from unlike by. */
export const mark = shortText(64).min(1, 'must not be empty');
export const tagValue = shortText(256);

export const tags = z
  .record(mark, tagValue)
  .refine((map) => Object.keys(map).length <= 50, 'must be at most 50 tags')
  .meta({ maxProperties: 50 });

const FIRST_TIME = Date.parse('0000-01-01T00:00:00Z');
const LAST_TIME = Date.parse('9999-12-31T23:59:59.999Z');

/** RFC 3339 with an offset or Z → Unix milliseconds, which {@link showTime} can show: in UTC, too, its year has four digits. */
export const time = z.iso
  .datetime({ offset: true, message: 'must be an RFC 3339 time such as 2030-01-31T00:00:00Z' })
  .transform((value) => Date.parse(value))
  .refine(
    (at) => at >= FIRST_TIME && at <= LAST_TIME,
    'must be from 0000-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z',
  );

/** An end that lies ahead: null is none. */
export const expiry = time.nullable().describe('An RFC 3339 time in the future; null is never.');

/** A daily limit: null is none. */
export const dailyLimit = z
  .int('must be a whole number, or null for no limit')
  .min(1, 'must be at least 1, or null for no limit')
  .max(1_000_000_000, 'must be at most 1000000000, or null for no limit')
  .nullable()
  .describe('Deliveries in a limit day, 1 or more; null is no limit.');

export const reason = z
  .string()
  .max(500, 'must be at most 500 characters')
  .refine((value) => !/\p{Cc}/u.test(value), 'must not hold control characters')
  .meta({ pattern: ONE_LINE });

/** The query of a deletion. */
export const deletion = z.object({ reason: reason.optional().describe('For the audit trail.') });

/** A deletion that takes much with it wants its slug said once more. */
export const confirmedDeletion = deletion.extend({
  confirm: z
    .string()
    .optional()
    .describe('The slug of what is to be deleted, once more: without it nothing is.')
    .meta({ param: { required: true }, pattern: SLUG_PATTERN }),
});

export const graceBody = z
  .strictObject({
    grace_seconds: z
      .int()
      .min(0)
      .max(2_592_000, 'must be at most 2592000 (30 days)')
      .default(0)
      .describe('How long what is replaced goes on being valid.'),
  })
  .meta({ id: 'Grace' });

/** Of an action without members: an empty body, or `{}`. */
export const nothing = z.strictObject({}).meta({ id: 'Nothing' });

export const disableBody = z
  .strictObject({
    reason: reason.min(1, 'must not be empty').meta({ pattern: ONE_LINE }),
    auto_enable_after_seconds: z
      .int()
      .min(1)
      .max(31_536_000)
      .optional()
      .describe('It is enabled again after so long.'),
  })
  .meta({ id: 'Disabling' });

/** What an answer of this schema is to whoever makes or reads it: nobody changes it. */
export type View<S extends z.ZodType> = Shown<z.output<S>>;
type Shown<T> = T extends readonly (infer E)[]
  ? readonly Shown<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Shown<T[K]> }
    : T;

export const shownId = z.int().min(1);
/** A time as {@link showTime} makes it. */
export const shownTime = z.iso.datetime();
/** How many of something there are. */
export const count = z.int().min(0);

export const listOf = <S extends z.ZodType>(item: S, id: string) =>
  z
    .object({
      data: z.array(item),
      next_cursor: z.string().nullable().describe('`cursor` of the next page; null at the end.'),
    })
    .meta({ id });

/** A page of a list, and where the next one begins. */
export interface ListView<T> {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
}

/** A time as it is shown. */
export function showTime(at: number): string;
export function showTime(at: number | null): string | null;
export function showTime(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
