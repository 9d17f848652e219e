/** Who was handed which key unmasked. What was written down within a minute is not written again. */
import { LRUCache } from 'lru-cache';
import type { KeyHoldersTable, NewDelivery } from './rows.ts';

const MAX_REMEMBERED = 50_000;
const WRITTEN_AGAIN_AFTER_MS = 60_000;

export class Holders {
  /** key/app/address → the `last_at` that is on disk. */
  readonly #written = new LRUCache<string, number>({ max: MAX_REMEMBERED });

  /** The rows of `key_holders` that these deliveries call for. */
  toWrite(deliveries: readonly NewDelivery[]): KeyHoldersTable[] {
    const rows = new Map<string, KeyHoldersTable>();
    for (const { key_id, app_id, ip, masked, at } of deliveries) {
      if (masked !== 0) continue;
      const row = { key_id, app_id: app_id ?? 0, ip, last_at: at };
      const name = nameOf(row);
      const written = this.#written.get(name);
      if (written === undefined || at - written >= WRITTEN_AGAIN_AFTER_MS) rows.set(name, row);
    }
    return [...rows.values()];
  }

  /** These are on disk. */
  written(rows: readonly KeyHoldersTable[]): void {
    for (const row of rows) this.#written.set(nameOf(row), row.last_at);
  }
}

function nameOf({ key_id, app_id, ip }: KeyHoldersTable): string {
  return `${key_id}/${app_id}/${ip}`;
}
