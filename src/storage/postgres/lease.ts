/**
 * Leadership as a lease in the database. The lease says who leads by the database's clock; the term makes it safe: each
 * leader has one of its own, and every unit that a leader writes checks it in its own transaction.
 */
import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { StorageError } from '../errors.ts';
import type { Reader, Tables, Transaction } from '../rows.ts';

const HOLDS_MS = 6_000;
/** A leader renews the lease once this much of it is gone. */
const RENEW_AFTER_MS = 2_000;
const NAME = 'jobs';

interface LeaseTables extends Tables {
  leases: { name: string; holder: string; term: number; until: number };
}

const NOW = sql<number>`(extract(epoch FROM clock_timestamp()) * 1000)::bigint`;

export class Lease {
  readonly #db: Kysely<LeaseTables>;
  readonly #monotonic: () => number;
  readonly #holder = randomUUID();
  #term: number | null = null;
  #renewedAt = 0;
  #asking: Promise<number | null> | null = null;

  constructor(db: Reader, monotonic: () => number) {
    this.#db = db.withTables<Pick<LeaseTables, 'leases'>>() as unknown as Kysely<LeaseTables>;
    this.#monotonic = monotonic;
  }

  /** The term in which this process leads, by a lease that it holds, renews or takes over now; null while another has it. */
  async term(): Promise<number | null> {
    if (this.#term !== null && this.#monotonic() - this.#renewedAt < RENEW_AFTER_MS) return this.#term;
    // Of two that ask at once, one would find the lease taken by the other.
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask(): Promise<number | null> {
    const now = this.#monotonic();
    this.#term = (await this.#renew()) ?? (await this.#takeOver());
    this.#renewedAt = now;
    return this.#term;
  }

  /** Rejects with `FENCED` where the term has passed; where it has not, it lasts until the unit is over. */
  static async check(unit: Transaction, term: number): Promise<void> {
    const held = await unit
      .withTables<Pick<LeaseTables, 'leases'>>()
      .selectFrom('leases')
      .select('term')
      .where('name', '=', NAME)
      .where('term', '=', term)
      .forShare()
      .executeTakeFirst();
    if (held === undefined) throw new StorageError('FENCED', 'another replica has taken the lead');
  }

  /** Whether this process leads, as far as it knows. */
  get held(): boolean {
    return this.#term !== null && this.#monotonic() - this.#renewedAt < HOLDS_MS;
  }

  /** Lets another take the lead at once. */
  async giveUp(): Promise<void> {
    const term = this.#term;
    this.#term = null;
    if (term === null) return;
    await this.#db
      .updateTable('leases')
      .set({ until: 0 })
      .where('name', '=', NAME)
      .where('holder', '=', this.#holder)
      .where('term', '=', term)
      .execute();
  }

  async #renew(): Promise<number | null> {
    if (this.#term === null) return null;
    const renewed = await this.#db
      .updateTable('leases')
      .set({ until: sql`${NOW} + ${HOLDS_MS}` })
      .where('name', '=', NAME)
      .where('holder', '=', this.#holder)
      .where('term', '=', this.#term)
      .returning('term')
      .executeTakeFirst();
    return renewed?.term ?? null;
  }

  /**
   * Takes a lease that has run out, or that ends later than any can: the clock was set back; or one of its own, of which a
   * lost connection has left it in doubt.
   */
  async #takeOver(): Promise<number | null> {
    await this.#db
      .insertInto('leases')
      .values({ name: NAME, holder: '', term: 0, until: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const taken = await this.#db
      .updateTable('leases')
      .set((lease) => ({
        holder: this.#holder,
        term: lease('term', '+', 1),
        until: sql`${NOW} + ${HOLDS_MS}`,
      }))
      .where('name', '=', NAME)
      .where(sql<boolean>`(until <= ${NOW} OR until > ${NOW} + ${HOLDS_MS} OR holder = ${this.#holder})`)
      .returning('term')
      .executeTakeFirst();
    return taken?.term ?? null;
  }
}
