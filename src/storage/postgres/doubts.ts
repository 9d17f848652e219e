/**
 * Batches of which nobody knows whether they were committed. One that locks for itself may still be on its way to the server:
 * it stays in doubt until another commit has moved the rows that it compares.
 */
import type { Batch } from './batch.ts';
import type { Lane, Locked } from './lane.ts';
import type { Head } from './subjects.ts';

export class Doubts {
  readonly #batches: { readonly batch: Batch; readonly heads: ReadonlyMap<number, Head> }[] = [];

  /** `heads`: the rows that the batch was decided upon. */
  add(batch: Batch, heads: ReadonlyMap<number, Head>): void {
    this.#batches.push({ batch, heads });
  }

  get any(): boolean {
    return this.#batches.length > 0;
  }

  /**
   * The one that was committed; null where none was. To be called under the lock, which ends where there is one: its record
   * is then as safe as that of any commit.
   */
  async settle(lane: Lane, locked: Locked): Promise<Batch | null> {
    for (const { batch, heads } of this.#batches) {
      // A tenant that is gone by now has taken its deliveries' lock with it: any other tells as well.
      for (const id of locked.heads.keys()) {
        const first = batch.firstOf(id);
        if (first === null) continue;
        if (!(await lane.hasCommitted(id, heads.get(id)?.last_seq ?? 0, first))) break;
        await lane.confirm();
        return batch;
      }
    }
    for (const { batch } of this.#batches.toReversed()) batch.giveBack();
    return null;
  }
}
