/**
 * A program that starts the service on the database it is given, and prints whether the main thread has loaded
 * better-sqlite3: while it serves, and after it was imported to show that it would have been seen. Each thread has its
 * own cache of modules, so what only a worker has loaded is not in this one.
 */
import { createRequire } from 'node:module';
import { readConfig } from '../../src/config/config.ts';
import { createLog } from '../../src/service/log.ts';
import { startService } from '../../src/service/service.ts';

const loaded = () =>
  Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('/better-sqlite3/'));

const config = readConfig({ DATABASE_URL: `sqlite:${process.argv[2]}`, PORT: '0', KEYROTATOR_DEMO: 'false' });
const log = createLog('silent', false);
const service = await startService(config, { log, showRootToken: false, onStorageLost() {} });
await service.engine.check();
const whileServing = loaded();
await service.stop();
await import('better-sqlite3');
console.log(JSON.stringify({ whileServing, afterImport: loaded() }));
