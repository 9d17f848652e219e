/**
 * Sums refusals whose token is known, per app, service, reason, client network and minute, with a few request ids as
 * samples: a flood of refusals costs a few rows, and bounded memory. Services that had no key to hand out are told of.
 */
import { addRefusals, type RefusalSum } from '../../storage/tables/refusals.ts';
import { tellRefused } from '../keys/no-active-keys.ts';
import type { Vault } from '../vault/vault.ts';

const MINUTE_MS = 60_000;
const MAX_SUMS = 10_000;
const MAX_SAMPLES = 3;
/** Refusals that say that the service has no key to hand out. */
const WITHOUT_A_KEY: ReadonlySet<string> = new Set(['no active keys', 'key decrypt failed']);
/** How many sums a unit writes, so that deliveries are not held up for long. */
const STEP = 200;
/**
 * The network of what came when there was no room for another sum. Such sums keep the minute that they began in, so that
 * memory does not grow with the time that storage is away.
 */
const OTHER = 'other';

export interface CountedRefusal {
  readonly tenant_id: number;
  readonly app_id: number;
  readonly service_id: number;
  readonly reason: string;
  readonly network: string;
  readonly requestId: string;
}

export class RefusalRecorder {
  #sums = new Map<string, RefusalSum>();
  /** While this is so, refusals are not taken in, and not written down. */
  paused = false;

  count(refusal: CountedRefusal, now: number): void {
    if (this.paused) return;
    const minute = now - (now % MINUTE_MS);
    this.#add({ ...without(refusal), minute, count: 1, samples: [refusal.requestId] });
  }

  /** Writes what was summed. What could not be written is kept for the next time. */
  async flush(vault: Vault): Promise<void> {
    if (this.paused) return;
    const sums = [...this.#sums.values()];
    this.#sums = new Map();
    for (let at = 0; at < sums.length; at += STEP) {
      const step = sums.slice(at, at + STEP);
      try {
        await vault.engine.write('nothing', (unit) => addRefusals(unit, step));
      } catch (error) {
        for (const sum of sums.slice(at)) this.#add(sum);
        throw error;
      }
    }
    await tellOfEmptyServices(vault, sums);
  }

  #add(sum: RefusalSum): void {
    const who = [sum.tenant_id, sum.app_id, sum.service_id, sum.reason].join('/');
    let name = sum.network === OTHER ? who : `${who}/${sum.minute}/${sum.network}`;
    let known = this.#sums.get(name);
    if (known === undefined && this.#sums.size >= MAX_SUMS) {
      name = who;
      known = this.#sums.get(name);
    }
    if (known === undefined) {
      this.#sums.set(name, name === who ? { ...sum, network: OTHER } : sum);
      return;
    }
    known.count += sum.count;
    known.samples.push(...sum.samples.slice(0, MAX_SAMPLES - known.samples.length));
  }
}

/** Each service once, however many sums it has. */
async function tellOfEmptyServices(vault: Vault, sums: readonly RefusalSum[]): Promise<void> {
  const empty = sums.filter(({ service_id, reason }) => service_id !== 0 && WITHOUT_A_KEY.has(reason));
  const once = new Map(empty.map((sum) => [`${sum.service_id}/${sum.reason}`, sum]));
  for (const { tenant_id, service_id, reason } of once.values())
    await tellRefused(vault, tenant_id, service_id, reason);
}

function without({ requestId: _requestId, ...rest }: CountedRefusal) {
  return rest;
}
