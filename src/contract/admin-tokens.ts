import { z } from 'zod';
import { type Role, TENANT_ROLES } from '../domain/roles.ts';
import { ipList, label, time } from './common.ts';

const members = {
  name: label,
  expires_at: time.nullable().default(null),
  allowed_ips: ipList.default([]),
};

export const newAdminToken = z.strictObject({
  ...members,
  role: z.enum(TENANT_ROLES, 'must be owner, admin, operator, viewer or auditor'),
});
export const newRootToken = z.strictObject({
  ...members,
  role: z.literal('root', 'must be root: a token of a tenant is made below the tenant').default('root'),
});
export type NewAdminToken = z.output<typeof newAdminToken> | z.output<typeof newRootToken>;

export interface AdminTokenView {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  readonly token_prefix: string;
  readonly allowed_ips: readonly string[];
  readonly expires_at: string | null;
  readonly status: 'active' | 'expired';
  readonly created_at: string;
}
