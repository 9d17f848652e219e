import { z } from 'zod';
import { fixed, graceBody, ipList, label, listOf, shownId, shownTime, slug, type View } from './common.ts';

const members = {
  name: label,
  demo: z.boolean().describe('Keys are always masked, and deliveries throttled. Only root changes it.'),
  allowed_ips: ipList,
  denied_ips: ipList,
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
