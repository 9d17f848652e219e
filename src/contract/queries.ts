/** The query parameters of lists and statistics. */
import { z } from 'zod';
import { label, slug, time } from './common.ts';

const id = z
  .string()
  .regex(/^[1-9]\d{0,15}$/, 'must be an id')
  .transform(Number);

export const deliveriesQuery = z.object({
  from: time.optional(),
  to: time.optional(),
  app: id.optional(),
  key: id.optional(),
});
export type DeliveriesQuery = z.output<typeof deliveriesQuery>;

export const usageQuery = z.object({
  from: time.optional(),
  to: time.optional(),
  granularity: z.enum(['minute', 'hour', 'day'], 'must be minute, hour or day').default('hour'),
  group_by: z.enum(['service', 'key', 'app', 'outcome'], 'must be service, key, app or outcome').optional(),
  service: slug.optional(),
  app: id.optional(),
  key: id.optional(),
});
/** That of an app is its own alone. */
export const appUsageQuery = usageQuery.omit({ app: true });
export type UsageQuery = z.output<typeof usageQuery>;

export const auditQuery = z.object({
  from: time.optional(),
  to: time.optional(),
  type: label.optional(),
  actor: label.optional(),
});
export type AuditQuery = z.output<typeof auditQuery>;

export const auditExportQuery = z.object({
  format: z.enum(['ndjson', 'csv'], 'must be ndjson or csv').default('ndjson'),
  from: time.optional(),
  to: time.optional(),
});
export type AuditExportQuery = z.output<typeof auditExportQuery>;

export interface DeliveryView {
  readonly delivery_id: string;
  readonly at: string;
  readonly key_id: number;
  readonly app_id: number | null;
  readonly ip: string;
  readonly masked: boolean;
  readonly usage_today: number;
}

/** `error_rate`: refusals of deliveries and refusals; null where there were neither. */
export interface UsageAmount {
  readonly deliveries: number;
  readonly refusals: number;
  readonly error_rate: number | null;
}

/** Every bucket of the range is there; grouped, once for each part that it has something of. */
export interface UsageView {
  readonly from: string;
  readonly to: string;
  readonly granularity: 'minute' | 'hour' | 'day';
  readonly group_by: UsageQuery['group_by'] | null;
  readonly total: UsageAmount;
  readonly buckets: readonly UsageBucket[];
}

export interface UsageBucket extends UsageAmount {
  readonly at: string;
  readonly service?: string | null;
  readonly key?: number | null;
  readonly app?: number | null;
  readonly outcome?: string;
}

export interface AuditEntryView {
  readonly id: number;
  readonly at: string;
  readonly type: string;
  readonly actor: { kind: string; id: number | null; name: string; role: string | null };
  readonly ip: string | null;
  readonly target: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly before: object | null;
  readonly after: object | null;
  readonly request_id: string | null;
}
