/** What the audit trail says of a change that a report has made: by whom, and why. */
import type { Origin } from '../../audit/entry.ts';
import type { Reader } from '../../storage/rows.ts';
import { findAppName } from '../../storage/tables/apps.ts';
import type { Report } from './report.ts';

export async function originOf(db: Reader, { caller, ip, request_id }: Report): Promise<Origin> {
  const { app_id } = caller;
  const actor =
    app_id === null
      ? ({ kind: 'client_token', id: null, name: 'client token', role: null } as const)
      : ({ kind: 'app', id: app_id, name: (await findAppName(db, app_id)) ?? '', role: null } as const);
  return { actor, ip, request_id };
}

/** As in "reported rate_limited with the status 429". */
export function reportReason({ outcome, status }: Report): string {
  return status === null ? `reported ${outcome}` : `reported ${outcome} with the status ${status}`;
}
