import type { RefusedFor } from '../delivery/delivery-outcome.ts';
import { type CallerRequest, recognizeCaller } from '../delivery/recognize-caller.ts';
import type { Vault } from '../vault/vault.ts';
import type { Report, Reported } from './report.ts';
import type { ReportQueue } from './report-queue.ts';

export interface ReportContext extends Vault {
  readonly reports: ReportQueue;
}

/** What is reported, and from where. */
export type ReportBody = Omit<Report, 'caller' | 'ip'>;

export type ReportAnswer =
  | Extract<Reported, { refusal: null }>
  | (Exclude<Reported, { refusal: null }> & { readonly refusedFor: RefusedFor | null });

/**
 * Takes down what became of a delivery, and what that does to its key; on disk when it resolves. Refuses a caller as a
 * delivery would, and a delivery that is not the caller's own, or was reported on. Rejects with a StorageError.
 */
export async function reportKey(
  context: ReportContext,
  request: CallerRequest,
  body: ReportBody,
): Promise<ReportAnswer> {
  const caller = await recognizeCaller(context, request);
  if (caller.refusal !== null) return caller;
  const ip = request.address === null ? null : request.address.text;
  const reported = await context.reports.submit({ ...body, caller: caller.recognized, ip });
  if (reported.refusal === null) return reported;
  const { tenant_id, app_id } = caller.recognized;
  return { ...reported, refusedFor: { tenant_id, app_id: app_id ?? 0, service_id: 0 } };
}
