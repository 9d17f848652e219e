/** What lists may be narrowed by. */
import { z } from 'zod';
import { SHOWN_KEY_STATES } from '../domain/policy-key.ts';

const q = z.string().min(1, 'must not be empty').max(200, 'must be at most 200 characters').optional();

/** `name` or `name:value`. */
const tag = z
  .string()
  .min(1, 'must not be empty')
  .max(321, 'must be at most 321 characters')
  .transform((text) => {
    const colon = text.indexOf(':');
    return colon < 0
      ? { name: text, value: null }
      : { name: text.slice(0, colon), value: text.slice(colon + 1) };
  })
  .optional();

const oneOf = <S extends string>(statuses: readonly [S, ...S[]]) =>
  z
    .enum(statuses, `must be ${new Intl.ListFormat('en', { type: 'disjunction' }).format(statuses)}`)
    .optional();

export const tenantsQuery = z.object({ status: oneOf(['active', 'suspended']), q });
export const servicesQuery = z.object({ status: oneOf(['enabled', 'disabled']), q });
export const keysQuery = z.object({
  status: oneOf(SHOWN_KEY_STATES),
  q,
  tag,
});
export const appsQuery = z.object({ status: oneOf(['active', 'disabled', 'expired']), q, tag });
export const groupsQuery = z.object({ q });
export const webhooksQuery = z.object({ status: oneOf(['enabled', 'disabled']), q });
export const emailsQuery = z.object({ status: oneOf(['enabled', 'disabled']), q });
export const adminTokensQuery = z.object({ status: oneOf(['active', 'expired']), q });

export type TenantsQuery = z.output<typeof tenantsQuery>;
export type ServicesQuery = z.output<typeof servicesQuery>;
export type KeysQuery = z.output<typeof keysQuery>;
export type AppsQuery = z.output<typeof appsQuery>;
export type GroupsQuery = z.output<typeof groupsQuery>;
export type WebhooksQuery = z.output<typeof webhooksQuery>;
export type EmailsQuery = z.output<typeof emailsQuery>;
export type AdminTokensQuery = z.output<typeof adminTokensQuery>;
