/** A report on its way: what a client says became of a delivery, and what it comes to. */
import type { KeyHealth, ReportOutcome } from '../../domain/key-health.ts';
import type { ShownKeyState } from '../../domain/policy-key.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { DeliveryRow, ProviderKeyRow } from '../../storage/rows.ts';
import type { Caller } from '../delivery/recognize-caller.ts';

export interface Report {
  readonly caller: Caller;
  readonly delivery_id: string;
  readonly outcome: ReportOutcome;
  /** What the provider answered; null where the client does not say. */
  readonly status: number | null;
  readonly retry_after_seconds: number | null;
  /** Where it came from: of the address alone, its network, by which reports count. */
  readonly ip: string | null;
  readonly network: string;
  readonly request_id: string;
}

/** A report with the caller's own delivery that it is about. */
export interface FoundReport {
  readonly report: Report;
  readonly delivery: DeliveryRow;
}

/** The key as it is then, or why the report was not taken. */
export type Reported =
  | {
      readonly refusal: null;
      readonly key_id: number;
      readonly state: ShownKeyState;
      readonly cooling_until: string | null;
    }
  | { readonly refusal: Refusal };

export const UNKNOWN_DELIVERY: Reported = { refusal: refuse('unknown delivery') };
export const ALREADY_REPORTED: Reported = { refusal: refuse('already reported') };
export const INVALID_SIGNATURE: Reported = { refusal: refuse('invalid signature') };

/** What each report comes to; an Error where it could not be recorded. Those that are missing are to be handed in again. */
export type Answers = Map<Report, Reported | Error>;

/** A key as the reports before have left it. */
export interface WeighedKey {
  row: ProviderKeyRow;
  health: KeyHealth;
}
