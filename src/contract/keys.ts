import { z } from 'zod';
import { KEY_STATES, SHOWN_KEY_STATES } from '../domain/policy-key.ts';
import {
  count,
  dailyLimit,
  disableBody,
  expiry,
  fixed,
  label,
  listOf,
  mark,
  nothing,
  ONE_LINE,
  reason,
  shownId,
  shownTime,
  tags,
  tagValue,
  type View,
} from './common.ts';
import { holderView } from './key-holders.ts';

/**
 * A provider key, which goes in and never comes out here. No message repeats any of it. Refused is what a slip of the hand
 * leaves around a key or in it; a replacement character means that the bytes sent were no UTF-8, and a lone surrogate has
 * no UTF-8, so that another key would be stored than was meant.
 */
const providerKey = z
  .string()
  .min(1, 'must not be empty')
  .max(4096, 'must be at most 4096 characters')
  .refine((key) => !/^\s|\s$/u.test(key), 'must not begin or end with whitespace or a line break')
  .refine(
    (key) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(key.trim()),
    'must not hold control characters, line breaks or invisible characters',
  )
  .refine((key) => !key.includes('\ufffd'), 'must be valid UTF-8: it holds a replacement character');

const members = {
  label,
  weight: z.int().min(1).max(1000).describe('Its share under `usage`.'),
  position: z.int().min(0).max(1_000_000_000),
  max_daily_requests: dailyLimit,
  expires_at: expiry,
  bucket: mark
    .nullable()
    .describe('What keys of one account at the provider share: within a service, they cool together.'),
};

export const newKey = z
  .strictObject({
    label: members.label,
    key: providerKey.meta({ description: 'Goes in and never comes out.', writeOnly: true }),
    weight: members.weight.default(1),
    position: members.position.optional().describe('Default: behind the last key of the service.'),
    max_daily_requests: members.max_daily_requests.default(null),
    expires_at: members.expires_at.default(null),
    bucket: members.bucket.default(null),
    tags: tags.default({}),
  })
  .meta({ id: 'NewKey' });
export type NewKey = z.output<typeof newKey>;

/** Tags are merged by RFC 7396: a null takes one away, and null for all of them takes away all. */
export const keyPatch = z
  .strictObject({
    ...members,
    key: fixed('cannot be changed: add the new key as another one and rotate to it'),
    tags: z
      .record(mark, tagValue.nullable())
      .nullable()
      .describe('Merged by RFC 7396: a null takes one away, and null for all of them takes away all.'),
  })
  .partial()
  .meta({ id: 'KeyPatch' });
export type KeyPatch = z.output<typeof keyPatch>;

export const disableKeyBody = disableBody;
export type DisableKey = z.output<typeof disableKeyBody>;

export const enableKeyBody = nothing;

export const burnKeyBody = z
  .strictObject({ reason: reason.min(1, 'must not be empty').meta({ pattern: ONE_LINE }) })
  .meta({ id: 'Burning' });
export type BurnKey = z.output<typeof burnKeyBody>;

/** What administration changes of a key. */
const keySettings = z.object({
  id: shownId,
  label: z.string(),
  state: z.enum(KEY_STATES),
  current: z.boolean(),
  weight: z.int(),
  position: count,
  max_daily_requests: dailyLimit,
  expires_at: shownTime.nullable(),
  bucket: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  activated_at: shownTime.nullable(),
  retires_at: shownTime.nullable(),
  drained_at: shownTime
    .nullable()
    .describe('When everybody who held a key that is retiring or burned had been given another one.'),
  disabled_reason: z.string().nullable().describe('Why it was disabled or burned.'),
  auto_enable_at: shownTime.nullable(),
  decrypt_failed: z
    .boolean()
    .describe('The key could not be decrypted, and is left out until it is enabled.'),
});
export type KeySettingsView = View<typeof keySettings>;

export const keyView = keySettings
  .extend({
    state: z.enum(SHOWN_KEY_STATES),
    cooling_until: shownTime.nullable().describe('When a key that cools is back.'),
    masked_key: z.string().nullable().describe('Null where the key cannot be decrypted.'),
    usage_today: count,
    last_delivered_at: shownTime.nullable(),
    created_at: shownTime,
    updated_at: shownTime,
  })
  .meta({ id: 'Key' });
export type KeyView = View<typeof keyView>;
export const keyList = listOf(keyView, 'KeyList');

export const burnedKeyView = keyView
  .extend({
    holders: z.array(holderView).describe('Every app and address that was ever handed the key unmasked.'),
    more_holders: z
      .boolean()
      .describe('There are more than these 10,000: the list of the holders has them all.'),
  })
  .meta({ id: 'BurnedKey' });
export type BurnedKeyView = View<typeof burnedKeyView>;

const importedRow = z.union([
  z.object({ row: shownId, id: shownId }),
  z.object({ row: shownId, error: z.string() }),
]);
export type ImportedRow = View<typeof importedRow>;

export const importView = z
  .object({
    added: count,
    rows: z.array(importedRow).describe('`row` counts the keys from 1, without the header line.'),
  })
  .meta({ id: 'ImportReport' });
export type ImportView = View<typeof importView>;
