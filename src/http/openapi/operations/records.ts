import { z } from 'zod';
import { auditList, usageView, vaultAuditList } from '../../../contract/queries.ts';
import { type Answer, MADE_AT, type Operations, onePage, shown } from '../operation.ts';

export const USAGE = {
  from: MADE_AT,
  to: '2026-03-01T13:00:00.000Z',
  granularity: 'hour',
  group_by: null,
  total: { deliveries: 30, refusals: 10, error_rate: 0.25 },
  buckets: [{ at: MADE_AT, deliveries: 30, refusals: 10, error_rate: 0.25 }],
};

const ENTRY = {
  id: 4,
  at: MADE_AT,
  type: 'key.disabled',
  actor: { kind: 'admin_token', id: 2, name: 'Ada', role: 'operator' },
  ip: '192.0.2.7',
  target: 'service:openai/key:1',
  outcome: 'success',
  reason: 'the provider asked for it',
  before: { state: 'active' },
  after: { state: 'disabled' },
  request_id: 'req_Zk3vJ0aXq1bR_9',
};

const VAULT_ENTRY = { ...ENTRY, tenant: 'acme' };

function file(entry: object, moreColumns: string): Answer {
  return {
    status: 200,
    content: {
      'application/x-ndjson': { schema: z.string(), example: `${JSON.stringify(entry)}\n` },
      'text/csv': {
        schema: z.string(),
        example: `id,at,type,actor_kind,actor_id,actor_name,actor_role,ip,target,outcome,reason,before,after,request_id${moreColumns}\r\n`,
      },
      'application/vnd.apache.parquet': { schema: z.unknown(), example: 'PAR1…PAR1' },
    },
  };
}

export const RECORDS: Operations = {
  'GET /tenants/:tenant/usage': {
    id: 'showUsage',
    summary: 'Deliveries and refusals of a tenant over time',
    description:
      'Until now, unless `to` says otherwise, and since the last hour by the minute, the last day by the hour or the last 30 days by the day, unless `from` does. More than 1,500 buckets or 10,000 rows are a 400 that says which granularity to take.\n\nA service, app or key that the tenant does not have is a 404. An app or a key that was deleted is still answered for by its id, as long as usage of it is known; a service is found by its slug, which may be given to another, and not after its deletion.',
    answer: shown(usageView, USAGE),
  },
  'GET /tenants/:tenant/audit': {
    id: 'listAudit',
    summary: 'List who changed what',
    description: 'Newest first, and never a secret.',
    answer: shown(auditList, onePage(ENTRY)),
  },
  'GET /tenants/:tenant/audit/export': {
    id: 'exportAudit',
    summary: 'The audit trail as a file',
    description:
      'What there was when it began, oldest first. In CSV a cell that a spreadsheet would take for a formula begins with an apostrophe.',
    answer: file(ENTRY, ''),
  },
  'GET /audit': {
    id: 'listVaultAudit',
    summary: 'List who changed what in the whole vault',
    description:
      'What root did for itself, what was done in every tenant, and in those that are deleted. Newest first, and never a secret.',
    answer: shown(vaultAuditList, onePage(VAULT_ENTRY)),
  },
  'GET /audit/export': {
    id: 'exportVaultAudit',
    summary: 'The audit trail of the whole vault as a file',
    description: 'As that of a tenant. In CSV and Parquet `tenant` is the last column.',
    answer: file(VAULT_ENTRY, ',tenant'),
  },
};
