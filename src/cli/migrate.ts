/** Brings the schema of a PostgreSQL database up to date, and lets another role serve on it. */
import { readMigrationConfig } from '../config/config.ts';
import { migrateDatabase } from '../storage/postgres/open-database.ts';
import { runCommand, say, UsageError } from './terminal.ts';

const USAGE = `npm run migrate
  Brings the schema of the PostgreSQL database in DATABASE_URL up to date, as its owner, and lets the role in
  KEYROTATOR_SERVING_ROLE serve on it.`;

async function main(args: readonly string[]): Promise<void> {
  if (args.length > 0) throw new UsageError();
  const { url, servingRole } = readMigrationConfig();
  await migrateDatabase(url, servingRole, say);
  say('the schema is that of this release');
}

runCommand(USAGE, main);
