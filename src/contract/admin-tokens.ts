import { z } from 'zod';
import { ROLES, TENANT_ROLES } from '../domain/roles.ts';
import { expiry, ipList, label, listOf, shownId, shownTime, type View } from './common.ts';

const members = {
  name: label.describe('Who holds it: the audit trail has it.'),
  expires_at: expiry.default(null),
  allowed_ips: ipList.default([]),
};

export const newAdminToken = z
  .strictObject({
    ...members,
    role: z.enum(TENANT_ROLES, 'must be owner, admin, operator, viewer or auditor'),
  })
  .meta({ id: 'NewAdminToken' });
export const newRootToken = z
  .strictObject({
    ...members,
    role: z.literal('root', 'must be root: a token of a tenant is made below the tenant').default('root'),
  })
  .meta({ id: 'NewRootToken' });
export type NewAdminToken = z.output<typeof newAdminToken> | z.output<typeof newRootToken>;

export const adminTokenView = z
  .object({
    id: shownId,
    name: z.string(),
    role: z.enum(ROLES),
    token_prefix: z.string(),
    allowed_ips: z.array(z.string()),
    expires_at: shownTime.nullable(),
    status: z.enum(['active', 'expired']),
    created_at: shownTime,
  })
  .meta({ id: 'AdminToken' });
export type AdminTokenView = View<typeof adminTokenView>;

export const madeAdminTokenView = adminTokenView
  .extend({ admin_token: z.string().describe('Shown this once.') })
  .meta({ id: 'MadeAdminToken' });
export const adminTokenList = listOf(adminTokenView, 'AdminTokenList');

/** Whose token a call was made with. */
export const callerView = z
  .object({
    name: z.string(),
    role: z.enum(ROLES),
    tenant: z.string().nullable().describe('Null for root, who belongs to none.'),
  })
  .meta({ id: 'Caller' });
