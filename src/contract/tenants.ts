import { z } from 'zod';
import { fixed, graceBody, ipList, label, listOf, shownId, shownTime, slug, type View } from './common.ts';

const suspicionMembers = z.strictObject({
  new_address: z.boolean().describe('An app from an address that it never used.'),
  rate_factor: z
    .int()
    .min(2)
    .max(1_000_000)
    .nullable()
    .describe('An app that is delivered so many times as much in an hour as usual; null is never.'),
  refusals_per_minute: z
    .int()
    .min(1)
    .max(1_000_000)
    .nullable()
    .describe('So many refusals a minute of an app, or from a network; null is never.'),
});

const members = {
  name: label,
  demo: z.boolean().describe('Keys are always masked, and deliveries throttled. Only root changes it.'),
  allowed_ips: ipList,
  denied_ips: ipList,
  suspicion: suspicionMembers
    .partial()
    .describe('What `access.suspicious` tells of. What is left out is as usual; PATCH merges.'),
  status: z
    .enum(['active', 'suspended'])
    .describe('`suspended` refuses all of its tokens. Only root changes it.'),
};

export const newTenant = z
  .strictObject({
    slug,
    name: members.name.optional(),
    demo: members.demo.default(false),
    allowed_ips: members.allowed_ips.default([]),
    denied_ips: members.denied_ips.default([]),
    suspicion: members.suspicion.default({}),
    status: members.status.default('active'),
  })
  .meta({ id: 'NewTenant' });
export type NewTenant = z.output<typeof newTenant>;

export const tenantPatch = z
  .strictObject({ ...members, slug: fixed() })
  .partial()
  .meta({ id: 'TenantPatch' });
export type TenantPatch = z.output<typeof tenantPatch>;

export const rotateClientToken = graceBody;

export const tenantView = z
  .object({
    id: shownId,
    slug,
    name: z.string(),
    demo: members.demo,
    allowed_ips: z.array(z.string()),
    denied_ips: z.array(z.string()),
    suspicion: suspicionMembers,
    status: members.status,
    created_at: shownTime,
    updated_at: shownTime,
  })
  .meta({ id: 'Tenant' });
export type TenantView = View<typeof tenantView>;

export const madeTenantView = tenantView
  .extend({ client_token: z.string().describe('Shown this once.') })
  .meta({ id: 'MadeTenant' });
export const tenantList = listOf(tenantView, 'TenantList');

export const clientTokenView = z
  .object({ client_token: z.string().describe('Shown this once.'), previous_valid_until: shownTime })
  .meta({ id: 'NewClientToken' });
