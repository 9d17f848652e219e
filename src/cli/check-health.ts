/**
 * The health check of a container: exit code 0 where the service that was started with the same variables answers
 * `/healthz`, or the path that is given, with 200 within four seconds.
 */
import { get } from 'node:http';
import { get as getOverTls } from 'node:https';
import { ConfigError, readLocalAddress } from '../config/config.ts';

const TIMEOUT_MS = 4_000;

function ask(path: string): Promise<number> {
  const { host, port, tls } = readLocalAddress();
  const options = { host, port, path, timeout: TIMEOUT_MS, agent: false };
  return new Promise((resolve, reject) => {
    const answered = ({ statusCode = 0 }: { statusCode?: number }) => resolve(statusCode);
    // It asks its own machine, for nothing secret, and the certificate is for a name that only clients know.
    const request = tls
      ? getOverTls({ ...options, rejectUnauthorized: false }, answered)
      : get(options, answered);
    request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    request.on('error', reject);
  });
}

async function main(): Promise<void> {
  const path = process.argv[2] ?? '/healthz';
  const status = await ask(path);
  if (status !== 200) throw new Error(`${path} answers ${status}`);
  process.exit(0);
}

main().catch((error: Error) => {
  process.stderr.write(`keyrotator: ${error.message || String((error as NodeJS.ErrnoException).code)}\n`);
  process.exit(error instanceof ConfigError ? 78 : 1);
});
