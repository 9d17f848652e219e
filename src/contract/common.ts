/** What the shapes of all resources share. */
import { z } from 'zod';
import { parseAddressRule } from '../domain/network.ts';
import { isSlug } from '../domain/slug.ts';

export const slug = z
  .string()
  .refine(
    isSlug,
    'must be 1 to 63 lower-case letters, digits and hyphens, and begin and end with a letter or digit',
  );

/** A text that people read: no control characters, so that it can do nothing in a terminal, a header or a spreadsheet row. */
export const label = z
  .string()
  .min(1, 'must not be empty')
  .max(200, 'must be at most 200 characters')
  .refine((text) => !/\p{Cc}/u.test(text), 'must not hold control characters');

export const text = z
  .string()
  .max(2000, 'must be at most 2000 characters')
  .refine((value) => !/[^\P{Cc}\n\t]/u.test(value), 'must not hold control characters');

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
  .max(1000, 'must be at most 1000 entries');

const tagText = (max: number) =>
  z
    .string()
    .max(max, `must be at most ${max} characters`)
    .refine((value) => !/\p{Cc}/u.test(value), 'must not hold control characters');

export const tags = z
  .record(tagText(64).min(1, 'must not be empty'), tagText(256))
  .refine((map) => Object.keys(map).length <= 50, 'must be at most 50 tags');

/** RFC 3339 with an offset or Z → Unix milliseconds. */
export const time = z.iso
  .datetime({ offset: true, message: 'must be an RFC 3339 time such as 2030-01-31T00:00:00Z' })
  .transform((value) => Date.parse(value));

/** A daily limit: null is none. */
export const dailyLimit = z
  .int('must be a whole number, or null for no limit')
  .min(1, 'must be at least 1, or null for no limit')
  .max(1_000_000_000)
  .nullable();

export const reason = z
  .string()
  .max(500, 'must be at most 500 characters')
  .refine((value) => !/\p{Cc}/u.test(value), 'must not hold control characters');

export const graceBody = z.strictObject({
  grace_seconds: z.int().min(0).max(2_592_000, 'must be at most 2592000 (30 days)').default(0),
});

export const disableBody = z.strictObject({
  reason: reason.min(1, 'must not be empty'),
  auto_enable_after_seconds: z.int().min(1).max(31_536_000).optional(),
});

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
