/** The query parameters of lists and statistics. */
import { z } from 'zod';
import { count, label, listOf, shownId, shownTime, slug, time, type View } from './common.ts';

const id = z
  .string()
  .regex(/^[1-9]\d{0,15}$/, 'must be an id')
  .transform(Number)
  .meta({ override: { type: 'integer', minimum: 1, pattern: undefined } });

const range = {
  from: time.optional().describe('The beginning, which belongs to the range.'),
  to: time.optional().describe('The end, which does not.'),
};

export const deliveriesQuery = z.object({
  ...range,
  app: id.optional().describe('The id of an app.'),
  key: id.optional().describe('The id of a key.'),
});
export type DeliveriesQuery = z.output<typeof deliveriesQuery>;

export const usageQuery = z.object({
  ...range,
  granularity: z.enum(['minute', 'hour', 'day'], 'must be minute, hour or day').default('hour'),
  group_by: z.enum(['service', 'key', 'app', 'outcome'], 'must be service, key, app or outcome').optional(),
  service: slug.optional().describe('Only what was asked of this service.'),
  app: id.optional().describe('Only what was asked by this app, which may have been deleted since.'),
  key: id.optional().describe('Only what was delivered of this key, which may have been deleted since.'),
});
/** That of an app is its own alone. */
export const appUsageQuery = usageQuery.omit({ app: true });
export type UsageQuery = z.output<typeof usageQuery>;

export const auditQuery = z.object({
  ...range,
  type: label.optional().describe('As in `key.rotated`.'),
  actor: label.optional().describe('The name of who did it.'),
});
export type AuditQuery = z.output<typeof auditQuery>;

export const auditExportQuery = z.object({
  format: z.enum(['ndjson', 'csv', 'parquet'], 'must be ndjson, csv or parquet').default('ndjson'),
  ...range,
});
export type AuditExportQuery = z.output<typeof auditExportQuery>;

const ofTenant = {
  tenant: slug.optional().describe('Only those of this tenant, and of deleted ones that had this slug.'),
};
export const vaultAuditQuery = auditQuery.extend(ofTenant);
export type VaultAuditQuery = z.output<typeof vaultAuditQuery>;
export const vaultAuditExportQuery = auditExportQuery.extend(ofTenant);
export type VaultAuditExportQuery = z.output<typeof vaultAuditExportQuery>;

export const deliveryView = z
  .object({
    delivery_id: z.string(),
    at: shownTime,
    key_id: shownId,
    app_id: shownId.nullable().describe('Null for the client token.'),
    ip: z.string(),
    masked: z.boolean(),
    usage_today: count.describe('Its number in the limit day of the service.'),
  })
  .meta({ id: 'Delivery' });
export type DeliveryView = View<typeof deliveryView>;
export const deliveryList = listOf(deliveryView, 'DeliveryList');

const usageAmount = z.object({
  deliveries: count,
  refusals: count,
  error_rate: z
    .number()
    .nullable()
    .describe('Refusals of deliveries and refusals; null where there were neither.'),
});
export type UsageAmount = View<typeof usageAmount>;

const usageBucket = usageAmount.extend({
  at: shownTime,
  service: z.string().nullable().optional().describe('Null: a service that there is not.'),
  key: shownId.nullable().optional().describe('Null: a refusal.'),
  app: shownId.nullable().optional().describe('Null: the client token.'),
  outcome: z.string().optional().describe('`delivered`, or the `error` of the refusal.'),
});
export type UsageBucket = View<typeof usageBucket>;

export const usageView = z
  .object({
    from: shownTime,
    to: shownTime,
    granularity: usageQuery.shape.granularity.unwrap(),
    group_by: usageQuery.shape.group_by.unwrap().nullable(),
    total: usageAmount,
    buckets: z
      .array(usageBucket)
      .describe('Every bucket of the range is there; grouped, once for each part that it has something of.'),
  })
  .meta({ id: 'Usage' });
export type UsageView = View<typeof usageView>;

export const auditEntryView = z
  .object({
    id: shownId,
    at: shownTime,
    type: z.string().describe('`subject.verb`, as in `key.disabled`.'),
    actor: z.object({
      kind: z.string(),
      id: shownId.nullable(),
      name: z.string(),
      role: z.string().nullable(),
    }),
    ip: z.string().nullable(),
    target: z.string().describe('What it was done to, as in `service:openai/key:12`.'),
    outcome: z.string(),
    reason: z.string().nullable(),
    before: z.record(z.string(), z.unknown()).nullable(),
    after: z.record(z.string(), z.unknown()).nullable(),
    request_id: z.string().nullable(),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntryView = View<typeof auditEntryView>;
export const auditList = listOf(auditEntryView, 'AuditEntryList');

export const vaultAuditEntryView = auditEntryView
  .extend({
    tenant: z
      .string()
      .nullable()
      .describe(
        'The slug of its tenant, of a deleted one that which it had; null: that of none, but of root.',
      ),
  })
  .meta({ id: 'VaultAuditEntry' });
export type VaultAuditEntryView = View<typeof vaultAuditEntryView>;
export const vaultAuditList = listOf(vaultAuditEntryView, 'VaultAuditEntryList');
