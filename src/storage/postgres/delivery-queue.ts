/**
 * Deliveries that wait for their turn, per tenant, and which tenants a lane takes next. A tenant is in one lane at a time.
 * One whose row others hold goes alone into a lane that waits for it, so that it holds up nobody else.
 */
import type { DeliveryState } from '../configuration.ts';
import type { Decision, DeliveryLookup } from '../engine.ts';

/** A delivery on its way; `arrivedAt` in monotonic milliseconds. */
export interface Waiting {
  readonly lookup: DeliveryLookup;
  readonly arrivedAt: number;
  tenantId: number;
  /** How often what it is decided upon had to be loaded. */
  rounds: number;
  decide(state: DeliveryState): Decision;
  resolve(decision: Decision): void;
  reject(error: Error): void;
}

/** What a lane is to do: these tenants, and whether it waits for their rows or passes over those that others hold. */
export interface Turn {
  readonly tenantIds: readonly number[];
  readonly wait: boolean;
}

const MAX_TENANTS = 64;
/** How long a tenant counts as contended after another replica was last seen at it. */
const CONTENDED_MS = 1_000;

export class DeliveryQueue {
  /** tenant → service → who waits; the tenant that has waited longest comes first. */
  readonly #waiting = new Map<number, Map<string, Waiting[]>>();
  readonly #taken = new Set<number>();
  readonly #contendedUntil = new Map<number, number>();

  push(waiting: Waiting): void {
    const { tenantId } = waiting;
    let services = this.#waiting.get(tenantId);
    if (services === undefined) {
      services = new Map();
      this.#waiting.set(tenantId, services);
    }
    const queue = services.get(waiting.lookup.service);
    if (queue === undefined) services.set(waiting.lookup.service, [waiting]);
    else queue.push(waiting);
  }

  /** The next turn, whose tenants are taken until {@link release}; null where there is nothing to do. */
  take(now: number, mayWait: boolean): Turn | null {
    const tenantIds: number[] = [];
    for (const id of this.#waiting.keys()) {
      if (this.#taken.has(id)) continue;
      if ((this.#contendedUntil.get(id) ?? 0) <= now) {
        this.#contendedUntil.delete(id);
        tenantIds.push(id);
        if (tenantIds.length === MAX_TENANTS) break;
      } else if (mayWait && tenantIds.length === 0) {
        this.#taken.add(id);
        return { tenantIds: [id], wait: true };
      }
    }
    if (tenantIds.length === 0) return null;
    for (const id of tenantIds) this.#taken.add(id);
    // Rows are locked in this order on every replica.
    return { tenantIds: tenantIds.sort((one, other) => one - other), wait: false };
  }

  release(tenantIds: readonly number[]): void {
    for (const id of tenantIds) this.#taken.delete(id);
  }

  contended(tenantId: number, now: number): void {
    this.#contendedUntil.set(tenantId, now + CONTENDED_MS);
  }

  /** Takes at most `max` of a tenant's, one service after the other, so that a hot one does not hold up the rest. */
  drain(tenantId: number, max: number): Waiting[] {
    const services = this.#waiting.get(tenantId);
    if (services === undefined || max <= 0) return [];
    const drained: Waiting[] = [];
    while (drained.length < max && services.size > 0) {
      const share = Math.max(1, Math.floor((max - drained.length) / services.size));
      for (const [name, queue] of services) {
        drained.push(...queue.splice(0, Math.min(share, max - drained.length)));
        // What is left of it comes after the others next time.
        services.delete(name);
        if (queue.length > 0) services.set(name, queue);
        if (drained.length === max) break;
      }
    }
    // The tenant goes to the end of the line, or out of it.
    this.#waiting.delete(tenantId);
    if (services.size > 0) this.#waiting.set(tenantId, services);
    return drained;
  }

  /** How many wait for these tenants. */
  count(tenantIds: readonly number[]): number {
    let count = 0;
    for (const id of tenantIds)
      for (const queue of this.#waiting.get(id)?.values() ?? []) count += queue.length;
    return count;
  }

  /** At most `max` of those that wait for these tenants, who go on waiting. */
  first(tenantIds: readonly number[], max: number): Waiting[] {
    const services = tenantIds.flatMap((id) => [...(this.#waiting.get(id)?.values() ?? [])]);
    const share = Math.ceil(max / Math.max(1, services.length));
    return services.flatMap((queue) => queue.slice(0, share)).slice(0, max);
  }

  /** Takes out everybody for whom `gone` says so. */
  remove(gone: (waiting: Waiting) => boolean): Waiting[] {
    const removed: Waiting[] = [];
    for (const [tenantId, services] of this.#waiting) {
      for (const [name, queue] of services) {
        const left = queue.filter((waiting) => !gone(waiting));
        if (left.length === queue.length) continue;
        removed.push(...queue.filter(gone));
        if (left.length > 0) services.set(name, left);
        else services.delete(name);
      }
      if (services.size === 0) this.#waiting.delete(tenantId);
    }
    return removed;
  }

  get empty(): boolean {
    return this.#waiting.size === 0;
  }
}
