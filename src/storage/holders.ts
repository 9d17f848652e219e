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
    const rows = new Map<string, NewHolder>();
    let keyId = 0;
    let active = 0;
    for (const { key_id, app_id, ip, masked, at } of deliveries) {
      if (masked !== 0) continue;
      if (key_id !== keyId) {
        keyId = key_id;
        active = activatedAt(key_id) ?? 0;
      }
      const row = { key_id, app_id: app_id ?? 0, ip, first_at: at, last_at: at };
      const name = nameOf(row);
      const written = this.#written.get(name);
      if (written !== undefined && at - written < WRITTEN_AGAIN_AFTER_MS && written > active) continue;
      const first = rows.get(name);
      rows.set(name, first === undefined ? row : { ...first, last_at: at });
    }
    return [...rows.values()];
  }

  /** These are on disk. */
  written(rows: readonly NewHolder[]): void {
    for (const row of rows) this.#written.set(nameOf(row), row.last_at);
  }
}

function nameOf({ key_id, app_id, ip }: NewHolder): string {
  return `${key_id}/${app_id}/${ip}`;
}
