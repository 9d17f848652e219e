/** Brings the schema of a PostgreSQL database up to date, and lets another role serve on it. */
import { ConfigError, readMigrationConfig } from '../config/config.ts';
import { migrateDatabase } from '../storage/postgres/open-database.ts';

const EXIT_CONFIG = 78;

async function main(): Promise<void> {
  const { url, servingRole } = readMigrationConfig();
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  await migrateDatabase(url, servingRole, say);
  say('the schema is that of this release');
}

main().catch((error: Error) => {
  process.stderr.write(`keyrotator: ${error.message}\n`);
  process.exit(error instanceof ConfigError ? EXIT_CONFIG : 1);
});
