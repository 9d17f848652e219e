import { z } from 'zod';
import { fixed, graceBody, ipList, label, slug } from './common.ts';

const members = {
  name: label,
  demo: z.boolean(),
  allowed_ips: ipList,
  denied_ips: ipList,
  status: z.enum(['active', 'suspended']),
};

export const newTenant = z.strictObject({
  slug,
  name: members.name.optional(),
  demo: members.demo.default(false),
  allowed_ips: members.allowed_ips.default([]),
  denied_ips: members.denied_ips.default([]),
  status: members.status.default('active'),
});
export type NewTenant = z.output<typeof newTenant>;

export const tenantPatch = z.strictObject({ ...members, slug: fixed() }).partial();
export type TenantPatch = z.output<typeof tenantPatch>;

export const rotateClientToken = graceBody;

export interface TenantView {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly demo: boolean;
  readonly allowed_ips: readonly string[];
  readonly denied_ips: readonly string[];
  readonly status: 'active' | 'suspended';
  readonly created_at: string;
  readonly updated_at: string;
}
