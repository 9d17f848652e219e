/** Who may do what: the one table of it. */

/** `root` reaches all tenants, the others one. */
export const ROLES = ['root', 'owner', 'admin', 'operator', 'viewer', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

/** The roles of a token of a tenant. */
export const TENANT_ROLES = ['owner', 'admin', 'operator', 'viewer', 'auditor'] as const;
export type TenantRole = (typeof TENANT_ROLES)[number];

interface Rule {
  /** What it allows, in words. */
  readonly means: string;
  readonly roles: readonly Role[];
}

const EVERYBODY: readonly Role[] = ROLES;

/** Every route has one of these. */
export const PERMISSIONS = {
  whoami: { means: 'see who a token belongs to', roles: EVERYBODY },
  'tenants:manage': { means: 'list, make, suspend and delete tenants', roles: ['root'] },
  'root-tokens:manage': { means: 'manage the admin tokens of root', roles: ['root'] },
  'admin-tokens:manage': { means: 'manage the admin tokens of a tenant', roles: ['root', 'owner'] },
  'configuration:read': {
    means: 'read the tenant, its services, keys, apps, groups, webhooks and emails',
    roles: ['root', 'owner', 'admin', 'operator', 'viewer'],
  },
  'configuration:write': {
    means:
      'change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets',
    roles: ['root', 'owner', 'admin'],
  },
  'services:rotate': {
    means: 'make the next key of a service the current one',
    roles: ['root', 'owner', 'admin', 'operator'],
  },
  'switch:turn': {
    means: 'enable and disable keys and apps',
    roles: ['root', 'owner', 'admin', 'operator'],
  },
  'keys:burn': {
    means: 'burn keys',
    roles: ['root', 'owner', 'admin', 'operator'],
  },
  'usage:read': { means: 'read usage', roles: EVERYBODY },
  'deliveries:read': {
    means: 'read deliveries',
    roles: ['root', 'owner', 'admin', 'operator', 'auditor'],
  },
  'audit:read': { means: 'read and export the audit trail', roles: ['root', 'owner', 'admin', 'auditor'] },
  'vault-audit:read': {
    means: 'read and export the audit trail of the whole vault, of root and deleted tenants, too',
    roles: ['root'],
  },
} as const satisfies Record<string, Rule>;
export type Permission = keyof typeof PERMISSIONS;

export function may(role: Role, permission: Permission): boolean {
  const { roles }: Rule = PERMISSIONS[permission];
  return roles.includes(role);
}

/** For people: `owner and admin`. */
export function rolesThatMay(permission: Permission): string {
  return new Intl.ListFormat('en').format(PERMISSIONS[permission].roles);
}
