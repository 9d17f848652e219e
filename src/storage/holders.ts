/** Who was handed which key unmasked. What was written down within a minute is not written again. */
import { LRUCache } from 'lru-cache';
import type { NewDelivery, NewHolder } from './rows.ts';

const MAX_REMEMBERED = 50_000;
const WRITTEN_AGAIN_AFTER_MS = 60_000;

export class Holders {
  /** key/app/address → the `last_at` that is on disk. */
  readonly #written = new LRUCache<string, number>({ max: MAX_REMEMBERED });

  /**
   * The rows of `key_holders` that these deliveries call for. `activatedAt`: when a key became active; whoever is handed one for
   * the first time since then is written down at once, so that it is seen who has been given the key that follows another.
   */
  toWrite(
    deliveries: readonly NewDelivery[],
    activatedAt: (keyId: number) => number | null = () => null,
  ): NewHolder[] {
    return holdersOf(deliveries).filter((holder) => {
      const written = this.#written.get(nameOf(holder));
      if (written === undefined || holder.last_at - written >= WRITTEN_AGAIN_AFTER_MS) return true;
      return written <= (activatedAt(holder.key_id) ?? 0);
    });
  }

  /** These are on disk. */
  written(rows: readonly NewHolder[]): void {
    for (const row of rows) this.#written.set(nameOf(row), row.last_at);
  }
}

/** Each once. */
function holdersOf(deliveries: readonly NewDelivery[]): NewHolder[] {
  const ofKeys = new Map<number, (NewHolder & { last_at: number })[]>();
  for (const { key_id, app_id, ip, masked, at } of deliveries) {
    if (masked !== 0) continue;
    const app = app_id ?? 0;
    const ofKey = ofKeys.get(key_id) ?? [];
    if (ofKey.length === 0) ofKeys.set(key_id, ofKey);
    const holder = ofKey.find((known) => known.app_id === app && known.ip === ip);
    if (holder === undefined) ofKey.push({ key_id, app_id: app, ip, first_at: at, last_at: at });
    else holder.last_at = at;
  }
  return [...ofKeys.values()].flat();
}

function nameOf({ key_id, app_id, ip }: NewHolder): string {
  return `${key_id}/${app_id}/${ip}`;
}
