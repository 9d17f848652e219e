import { TENANT_ROLES } from '../../../domain/roles.ts';
import { choice, end, list as listOf, text } from '../options.ts';
import { create, list, type Resource, remove, show } from '../resource.ts';

const ALL = '/tenants/:tenant/admin-tokens';
const ONE = `${ALL}/:id`;
const ROOTS = '/admin-tokens';
const ROOTS_ONE = `${ROOTS}/:id`;

const MEMBERS = {
  role: choice(TENANT_ROLES, 'what it may'),
  expires_at: end('until when it works'),
  allowed_ips: listOf('address', 'addresses and blocks that may use it; else all'),
};

export const TOKEN: Resource = {
  name: 'token',
  about: 'Admin tokens of the people of a tenant, each with a role.',
  verbs: [
    list(ALL, ['id', 'name', 'role', 'status', 'token_prefix', 'expires_at', 'allowed_ips'], {
      about: 'Lists admin tokens.',
      options: { status: choice(['active', 'expired'], 'only these'), q: text('some of the name') },
      rootPath: ROOTS,
      examples: ['token list', 'token list --root'],
    }),
    show(ONE, { about: 'Shows an admin token.', rootPath: ROOTS_ONE, examples: ['token show 2'] }),
    create(ALL, {
      about: 'Makes an admin token, and prints it, this once.',
      arguments: ['name'],
      options: MEMBERS,
      rootPath: ROOTS,
      examples: [
        'token create night-shift --role operator --expires-at 2030-01-31T00:00:00Z',
        'token create audit --role auditor --allowed-ips 10.0.0.0/8 --quiet > auditor-token',
        'token create second-root --root --quiet > root-token',
      ],
    }),
    remove(ONE, {
      about: 'Deletes an admin token: it opens nothing from the next request on.',
      options: { reason: text('why, for the audit trail') },
      rootPath: ROOTS_ONE,
      examples: ['token delete 2 --reason "left the team"', 'token delete 4 --root'],
    }),
  ],
};
