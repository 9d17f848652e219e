/** PostgreSQL's own programs, run on the database that DATABASE_URL names. */
import { spawn } from 'node:child_process';
import { StorageError } from '../errors.ts';
import { parseDatabaseUrl } from './database-url.ts';

/** The database that a program is run on. */
export interface ToolTarget {
  /** `postgres://…`, see database-url.ts. */
  readonly url: string;
  /** The environment of the program, in which it finds its way to the database as well. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * What libpq reads in place of a connection string, so that the password is in no list of processes. Throws an Error for a
 * URL that cannot be used.
 */
export function libpqEnvironment(url: string): Record<string, string> {
  const { host, port, user, password, database, ssl } = parseDatabaseUrl(url);
  const parameters = new URL(url).searchParams;
  const sslmode = parameters.get('sslmode') ?? (ssl === false ? 'disable' : 'verify-full');
  const authority = parameters.get('sslrootcert') ?? (sslmode.startsWith('verify-') ? 'system' : null);
  const given = {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: typeof password === 'string' ? password : null,
    PGDATABASE: database,
    PGAPPNAME: parameters.get('application_name') ?? 'keyrotator',
    PGSSLMODE: sslmode,
    PGSSLROOTCERT: authority,
    PGSSLCERT: parameters.get('sslcert'),
    PGSSLKEY: parameters.get('sslkey'),
    PGCONNECT_TIMEOUT: '10',
  };
  return Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] != null),
  );
}

export type Tool = 'pg_dump' | 'pg_restore';

/**
 * Runs the program to its end; `line` is told each line of its standard error. Rejects with a StorageError that has what it
 * said, or (`TOOL_MISSING`) where it is not on the PATH.
 */
export async function runTool(
  tool: Tool,
  args: readonly string[],
  { url, env }: ToolTarget,
  line: (text: string) => void,
): Promise<void> {
  const child = spawn(tool, args, {
    env: { ...env, ...libpqEnvironment(url) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // With this process it ends, too: it would go on holding its transaction.
  const end = () => void child.kill('SIGTERM');
  process.once('exit', end);
  const said: string[] = [];
  let rest = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const one of lines) {
      line(one);
      if (/\b(error|fatal|detail|hint|warning)\b/i.test(one)) said.push(one);
    }
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (code !== 0) throw new StorageError('TOOL', explain(tool, [...said, rest].join('\n').trim()));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new StorageError(
      'TOOL_MISSING',
      `${tool} is not on the PATH: install the client programs of PostgreSQL, of the server's version or later`,
    );
  } finally {
    process.off('exit', end);
  }
}

function explain(tool: Tool, said: string): string {
  const text = `${tool} failed: ${said === '' ? 'it did not say why' : said}`;
  return /server version mismatch/.test(said)
    ? `${text}\ninstall the client programs of the server's version or later, and put them on the PATH`
    : text;
}
