/** Tokens that nobody has, by the network they come from: counted, and answered at a pace. */
import { NetworkThrottle } from '../domain/network-throttle.ts';
import { Pace } from '../domain/pace.ts';
import { FAILED_LOOK_UPS, waitForTurn } from './paces.ts';

/** More than so many failed authentications a minute from one network make its next failing ones a 429. */
export const FAILED_AUTHENTICATIONS = { limit: 200, windowMs: 60_000, maxNetworks: 20_000 } as const;

export class FailedAuthentications {
  readonly #throttle = new NetworkThrottle(FAILED_AUTHENTICATIONS);
  readonly #pace = new Pace(FAILED_LOOK_UPS);
  readonly #failed: () => void;

  /** `failed` is told of each. */
  constructor(failed: () => void) {
    this.#failed = failed;
  }

  /** Counts one. `now`: Unix milliseconds. The seconds after which to try again, 0 while there were not too many. */
  charge(network: string, now: number): number {
    const wait = this.#throttle.retryAfter(network, now);
    this.#throttle.charge(network, now);
    this.#failed();
    return wait;
  }

  /** Resolves when the next one of the network may be answered. */
  turn(network: string): Promise<void> {
    return waitForTurn(this.#pace, network);
  }
}
