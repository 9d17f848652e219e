import { z } from 'zod';
import type { KeyState } from '../domain/policy-key.ts';
import { dailyLimit, disableBody, fixed, label, reason, tags, time } from './common.ts';

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
  weight: z.int().min(1).max(1000),
  position: z.int().min(0).max(1_000_000_000),
  max_daily_requests: dailyLimit,
  expires_at: time.nullable(),
};

export const newKey = z.strictObject({
  label: members.label,
  key: providerKey,
  weight: members.weight.default(1),
  /** Default: behind the last key of the service. */
  position: members.position.optional(),
  max_daily_requests: members.max_daily_requests.default(null),
  expires_at: members.expires_at.default(null),
  tags: tags.default({}),
});
export type NewKey = z.output<typeof newKey>;

/** Tags are merged by RFC 7396: a null takes one away, and null for all of them takes away all. */
export const keyPatch = z
  .strictObject({
    ...members,
    key: fixed('cannot be changed: add the new key as another one and rotate to it'),
    tags: z.record(z.string().min(1).max(64), z.string().max(256).nullable()).nullable(),
  })
  .partial();
export type KeyPatch = z.output<typeof keyPatch>;

export const disableKeyBody = disableBody;
export type DisableKey = z.output<typeof disableKeyBody>;

export const enableKeyBody = z.strictObject({});

export const keyDeletion = z.object({ reason: reason.optional() });

/** What administration changes of a key. */
export interface KeySettingsView {
  readonly id: number;
  readonly label: string;
  readonly state: KeyState;
  readonly current: boolean;
  readonly weight: number;
  readonly position: number;
  readonly max_daily_requests: number | null;
  readonly expires_at: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly activated_at: string | null;
  readonly retires_at: string | null;
  readonly disabled_reason: string | null;
  readonly auto_enable_at: string | null;
  /** The key could not be decrypted, and is left out until it is enabled. */
  readonly decrypt_failed: boolean;
}

export interface KeyView extends KeySettingsView {
  /** Null where the key cannot be decrypted. */
  readonly masked_key: string | null;
  readonly usage_today: number;
  readonly last_delivered_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** `row` counts the rows of data from 1. */
export type ImportedRow =
  | { readonly row: number; readonly id: number }
  | { readonly row: number; readonly error: string };

export interface ImportView {
  readonly added: number;
  readonly rows: readonly ImportedRow[];
}
