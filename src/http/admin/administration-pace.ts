/** The pace at which one tenant's administrators are answered, by what they ask for. Root's is not slowed. */
import { Pace } from '../../domain/pace.ts';
import type { AdminCaller } from '../../operations/tenants/authenticate-admin.ts';
import { ADMINISTRATION, waitForTurn } from '../paces.ts';
import { MAX_LIMIT } from './query.ts';
import type { Reply, Route } from './route.ts';

/** An answer takes a turn for each so many rows that it has, or may have. */
const ROWS_A_TURN = 50;

type Caller = Pick<AdminCaller, 'tenant'>;

export class AdministrationPace {
  readonly #pace = new Pace(ADMINISTRATION);

  /** Waits for the turn that every request takes. */
  async waitForRequest({ tenant }: Caller): Promise<void> {
    if (tenant !== null) await waitForTurn(this.#pace, String(tenant.id));
  }

  /** Waits for those that a page of up to `limit` rows takes beyond it; what may have more rows than a page, for the longest. */
  async waitForRows({ tenant }: Caller, { rows, list }: Route, limit: number): Promise<void> {
    const more = turnsOf(rows !== undefined ? MAX_LIMIT : list !== undefined ? limit : 1) - 1;
    if (tenant !== null && more > 0) await waitForTurn(this.#pace, String(tenant.id), more);
  }

  /** Lets the next ones wait for rows of an answer beyond those of the longest page. */
  answered({ tenant }: Caller, { rows }: Route, { body }: Reply): void {
    if (tenant === null || rows === undefined || body === undefined) return;
    const more = turnsOf(rows(body)) - turnsOf(MAX_LIMIT);
    if (more > 0) this.#pace.charge(String(tenant.id), performance.now(), more);
  }
}

function turnsOf(rows: number): number {
  return Math.ceil(rows / ROWS_A_TURN);
}
