import { coolsUntil, LONGEST_COOLING_MS, type PolicyKey } from './policy-key.ts';

/** When it still holds that keys were passed over because of the time: those that were past their end, and those that cool. */
export class PassedOver {
  #from = Number.NEGATIVE_INFINITY;
  #until = Number.POSITIVE_INFINITY;

  add(key: PolicyKey, now: number): void {
    if (key.expires_at !== null && key.expires_at <= now) this.#from = Math.max(this.#from, key.expires_at);
    const cool = coolsUntil(key, now);
    if (cool === null) return;
    this.#from = Math.max(this.#from, cool - LONGEST_COOLING_MS);
    this.#until = Math.min(this.#until, cool);
  }

  /** Whether none of them would serve at `now`, in Unix milliseconds, for the time alone. */
  holdsAt(now: number): boolean {
    return now >= this.#from && now < this.#until;
  }
}
