/** The nonces of signed reports, each spent once, in the unit that records its report. */
import { nameOfNonce } from '../../storage/nonces.ts';
import type { SpentNoncesTable, Transaction } from '../../storage/rows.ts';
import { isSpent, spendNonce } from '../../storage/tables/spent-nonces.ts';

type Nonce = SpentNoncesTable | null;

export class ReportNonces {
  readonly #unit: Transaction;
  readonly #settled: number;
  readonly #taken = new Set<string>();

  constructor(unit: Transaction, settled: number) {
    this.#unit = unit;
    this.#settled = settled;
  }

  /** Whether a report may have it: it was not spent, and no other report of the unit has it. Null is no nonce, which all may have. */
  async take(nonce: Nonce): Promise<boolean> {
    if (nonce === null) return true;
    const name = nameOfNonce(nonce);
    if (this.#taken.has(name) || (await isSpent(this.#unit, nonce, this.#settled))) return false;
    this.#taken.add(name);
    return true;
  }

  /** Spends what was taken. */
  async spend(nonce: Nonce): Promise<void> {
    if (nonce !== null) await spendNonce(this.#unit, nonce);
  }
}
