/** Settings of a database that would change what the statements mean: the replicas' connections have their own. */
import { expect, it } from 'vitest';
import { createMigratedDatabase } from '../support/postgres-database.ts';
import { storm } from '../support/postgres-failures.ts';
import { openPostgresRoom } from '../support/postgres-room.ts';
import { seedService, seedTenant } from '../support/seed.ts';

const SETTINGS: [name: string, theirs: string, ours: string, shownAs: string][] = [
  ['array_nulls', 'off', 'on', 'array_nulls'],
  ['default_transaction_isolation', "'serializable'", 'read committed', 'transaction_isolation'],
  ['client_min_messages', "'error'", 'warning', 'client_min_messages'],
  ['jit', 'on', 'off', 'jit'],
  ['enable_seqscan', 'on', 'off', 'enable_seqscan'],
];

it.each(SETTINGS)(
  '%s = %s of the database does not bind deliveries, which go by %s',
  async (name, theirs, ours, shownAs) => {
    const database = await createMigratedDatabase();
    await database.query(`
    ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET ${name} = ${theirs};
    CREATE TABLE seen (by text, setting text);
    CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO seen VALUES (TG_TABLE_NAME, current_setting('${shownAs}')); RETURN NEW; END $$;
    CREATE TRIGGER see BEFORE INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION see();
    CREATE TRIGGER see BEFORE INSERT ON services FOR EACH ROW EXECUTE FUNCTION see()`);
    const room = await openPostgresRoom({ database });
    const { id, token } = await seedTenant(room, 'acme');
    await seedService(room, id, 'openai');
    for (let turn = 0; turn < 3; turn++) expect((await storm(room, 3, token)).codes).toEqual([]);
    const lanes = "SELECT DISTINCT setting FROM seen WHERE by LIKE 'deliveries%'";
    expect(await database.query(lanes)).toEqual([{ setting: ours }]);
    if (name === 'array_nulls') return;
    expect(await database.query("SELECT setting FROM seen WHERE by = 'services'")).toEqual([
      { setting: ours },
    ]);
  },
);
