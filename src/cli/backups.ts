/** What the commands around backups have in common. */
import { ConfigError } from '../config/config.ts';
import type { DatabaseConfig } from '../config/variables.ts';
import type { BackupManifest } from '../storage/backup/manifest.ts';
import { parseDatabaseUrl } from '../storage/postgres/database-url.ts';

/** Throws a ConfigError where the URL of a PostgreSQL database cannot be used. */
export function checkDatabaseUrl(database: DatabaseConfig): void {
  if (database.engine === 'sqlite') return;
  try {
    parseDatabaseUrl(database.url);
  } catch (error) {
    throw new ConfigError([(error as Error).message]);
  }
}

export function describeBackup({ bytes, created_at, schema, rows }: BackupManifest): string {
  const { tenants = 0, provider_keys: keys = 0, deliveries = 0 } = rows;
  return `${formatBytes(bytes)} of ${created_at}, schema ${schema}, tenants: ${tenants}, keys: ${keys}, deliveries: ${deliveries}`;
}

function formatBytes(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.ceil(bytes / 1024)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
