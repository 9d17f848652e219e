/** What happened: deliveries, usage, and the audit trail. */
import {
  appUsageQuery,
  auditExportQuery,
  auditQuery,
  deliveriesQuery,
  type UsageView,
  usageQuery,
  vaultAuditExportQuery,
  vaultAuditQuery,
} from '../../contract/queries.ts';
import {
  exportVaultAudit as exportAll,
  exportAudit as exportOperation,
} from '../../operations/audit/export-audit.ts';
import {
  listVaultAudit as auditOfAll,
  listAudit as auditOperation,
} from '../../operations/audit/list-audit.ts';
import { listDeliveries as deliveriesOperation } from '../../operations/delivery/list-deliveries.ts';
import { showUsage as usageOperation } from '../../operations/usage/show-usage.ts';
import { handler, idParam, ok, param } from './route.ts';

export const listDeliveries = handler({
  list: true,
  query: deliveriesQuery,
  run: async (call) => {
    const path = { tenant: param(call, 'tenant'), service: param(call, 'service') };
    return ok(await deliveriesOperation(call.context, path, call.query, call.page));
  },
});

const rows = (body: object) => (body as UsageView).buckets.length;

export const showUsage = handler({
  query: usageQuery,
  rows,
  run: async (call) => ok(await usageOperation(call.context, param(call, 'tenant'), undefined, call.query)),
});

export const showAppUsage = handler({
  query: appUsageQuery,
  rows,
  run: async (call) =>
    ok(await usageOperation(call.context, param(call, 'tenant'), idParam(call, 'id'), call.query)),
});

const EXPORT_TYPES = {
  ndjson: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8; header=present',
  parquet: 'application/vnd.apache.parquet',
} as const;

export const exportAudit = handler({
  query: auditExportQuery,
  run: async (call) => {
    const tenant = param(call, 'tenant');
    const { format } = call.query;
    const parts = await exportOperation(call.context, tenant, call.query);
    return { status: 200, file: { type: EXPORT_TYPES[format], name: `audit-${tenant}.${format}`, parts } };
  },
});

export const listAudit = handler({
  list: true,
  query: auditQuery,
  run: async (call) => ok(await auditOperation(call.context, param(call, 'tenant'), call.query, call.page)),
});

export const exportVaultAudit = handler({
  query: vaultAuditExportQuery,
  run: async ({ context, query }) => {
    const { format } = query;
    const parts = await exportAll(context, query);
    return { status: 200, file: { type: EXPORT_TYPES[format], name: `audit.${format}`, parts } };
  },
});

export const listVaultAudit = handler({
  list: true,
  query: vaultAuditQuery,
  run: async ({ context, query, page }) => ok(await auditOfAll(context, query, page)),
});
