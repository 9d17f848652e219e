import { clientTokenView, madeTenantView, tenantList, tenantView } from '../../../contract/tenants.ts';
import { GONE, MADE_AT, made, type Operations, onePage, shown } from '../operation.ts';

const CLIENT_TOKEN = 'krc_…';
const TENANT = {
  id: 1,
  slug: 'acme',
  name: 'Acme',
  demo: false,
  allowed_ips: ['192.0.2.0/24', '127.0.0.1'],
  denied_ips: [],
  suspicion: { new_address: true, rate_factor: 10, refusals_per_minute: 30 },
  status: 'active',
  created_at: MADE_AT,
  updated_at: MADE_AT,
};

export const TENANTS: Operations = {
  'GET /tenants': {
    id: 'listTenants',
    summary: 'List the tenants',
    answer: shown(tenantList, onePage(TENANT)),
  },
  'POST /tenants': {
    id: 'createTenant',
    summary: 'Make a tenant',
    description: 'The answer has its client token, which is shown this once.',
    takes: { slug: 'acme', name: 'Acme', allowed_ips: ['192.0.2.0/24', '127.0.0.1'] },
    answer: made(madeTenantView, { ...TENANT, client_token: CLIENT_TOKEN }),
  },
  'GET /tenants/:tenant': {
    id: 'getTenant',
    summary: 'Show a tenant',
    answer: shown(tenantView, TENANT),
  },
  'PATCH /tenants/:tenant': {
    id: 'updateTenant',
    summary: 'Change a tenant',
    description: 'Only root changes `status` and `demo`.',
    takes: { name: 'Acme Corporation', suspicion: { rate_factor: 20 } },
    answer: shown(tenantView, {
      ...TENANT,
      name: 'Acme Corporation',
      suspicion: { new_address: true, rate_factor: 20, refusals_per_minute: 30 },
    }),
  },
  'DELETE /tenants/:tenant': {
    id: 'deleteTenant',
    summary: 'Delete a tenant with everything in it',
    description: 'The key that its secrets are sealed under goes first of all. A backup still has them.',
    answer: GONE,
  },
  'POST /tenants/:tenant/client-token/rotate': {
    id: 'rotateClientToken',
    summary: 'Make a new client token',
    description: 'The old one serves on for the grace. It is what to do when the token was lost.',
    takes: { grace_seconds: 3600 },
    answer: shown(clientTokenView, {
      client_token: CLIENT_TOKEN,
      previous_valid_until: '2026-03-01T13:00:00.000Z',
    }),
  },
};
