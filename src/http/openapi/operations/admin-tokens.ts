import {
  adminTokenList,
  adminTokenView,
  callerView,
  madeAdminTokenView,
} from '../../../contract/admin-tokens.ts';
import { GONE, MADE_AT, made, type Operations, onePage, shown } from '../operation.ts';

const OF_TENANT = {
  id: 2,
  name: 'Ada',
  role: 'operator',
  token_prefix: 'krr_p3Xw',
  allowed_ips: [],
  expires_at: '2030-01-31T00:00:00.000Z',
  status: 'active',
  created_at: MADE_AT,
};
const OF_ROOT = { ...OF_TENANT, id: 3, name: 'Grace', role: 'root' };
const ADMIN_TOKEN = 'krr_…';
const NARROW = 'No token makes one that lasts longer than itself, or that reaches from more addresses.';
const AT_ONCE = 'It opens nothing from the next request on.';

export const ADMIN_TOKENS: Operations = {
  'GET /whoami': {
    id: 'whoami',
    summary: 'Whose token this is',
    answer: shown(callerView, { name: 'root', role: 'root', tenant: null }),
  },
  'GET /admin-tokens': {
    id: 'listRootTokens',
    summary: 'List the admin tokens of root',
    answer: shown(adminTokenList, onePage(OF_ROOT)),
  },
  'POST /admin-tokens': {
    id: 'createRootToken',
    summary: 'Make an admin token of root',
    description: `${NARROW} The answer has the token, which is shown this once.`,
    takes: { name: 'Grace', expires_at: '2030-01-31T00:00:00Z' },
    answer: made(madeAdminTokenView, { ...OF_ROOT, admin_token: ADMIN_TOKEN }),
  },
  'GET /admin-tokens/:id': {
    id: 'getRootToken',
    summary: 'Show an admin token of root',
    answer: shown(adminTokenView, OF_ROOT),
  },
  'DELETE /admin-tokens/:id': {
    id: 'deleteRootToken',
    summary: 'Delete an admin token of root',
    description: `${AT_ONCE} That of the configuration is replaced by \`npm run root-token\`, and not deleted.`,
    answer: GONE,
    conflicts: true,
  },
  'GET /tenants/:tenant/admin-tokens': {
    id: 'listAdminTokens',
    summary: 'List the admin tokens of a tenant',
    answer: shown(adminTokenList, onePage(OF_TENANT)),
  },
  'POST /tenants/:tenant/admin-tokens': {
    id: 'createAdminToken',
    summary: 'Make an admin token of a tenant',
    description: `${NARROW} The answer has the token, which is shown this once.`,
    takes: { name: 'Ada', role: 'operator', expires_at: '2030-01-31T00:00:00Z' },
    answer: made(madeAdminTokenView, { ...OF_TENANT, admin_token: ADMIN_TOKEN }),
  },
  'GET /tenants/:tenant/admin-tokens/:id': {
    id: 'getAdminToken',
    summary: 'Show an admin token of a tenant',
    answer: shown(adminTokenView, OF_TENANT),
  },
  'DELETE /tenants/:tenant/admin-tokens/:id': {
    id: 'deleteAdminToken',
    summary: 'Delete an admin token of a tenant',
    description: `${AT_ONCE} The last owner of a tenant whose token has not expired cannot be deleted.`,
    answer: GONE,
    conflicts: true,
  },
};
