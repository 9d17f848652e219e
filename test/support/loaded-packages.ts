/**
 * A program that starts the service with the environment that it has on the database it is given, and prints which packages of
 * OpenTelemetry were loaded for it.
 */
import { registerHooks } from 'node:module';

const loaded = new Set<string>();
registerHooks({
  resolve(specifier, context, next) {
    const result = next(specifier, context);
    const name = /node_modules\/(@opentelemetry\/[^/]+)/.exec(result.url)?.[1];
    if (name !== undefined) loaded.add(name);
    return result;
  },
});

const { readConfig } = await import('../../src/config/config.ts');
const { createLog } = await import('../../src/service/log.ts');
const { startService } = await import('../../src/service/service.ts');
const service = await startService(readConfig(), {
  log: createLog('silent', false),
  showRootToken: false,
  onStorageLost() {},
});
await service.stop();
console.log(JSON.stringify([...loaded].sort()));
process.exit(0);
