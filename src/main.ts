/** The program: reads the configuration, starts the service, tells a person what is next, and stops on a signal. */
import { ConfigError, readConfig } from './config/config.ts';
import { WrongMasterKey } from './operations/vault/prepare-vault.ts';
import { createLog, errorFields } from './service/log.ts';
import { type Service, startService } from './service/service.ts';
import { welcome } from './service/welcome.ts';

const EXIT_CONFIG = 78;
const EXIT_STORAGE = 74;

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLog(config.logLevel, process.stderr.isTTY === true);
  const service = await startService(config, {
    log,
    showRootToken: process.stdout.isTTY === true,
    onStorageLost: () => process.exit(EXIT_STORAGE),
  });
  stopOnSignal(service, log);
  log.info({ url: service.url }, 'serving');
  process.stdout.write(welcome(service));
}

function stopOnSignal(service: Service, log: ReturnType<typeof createLog>): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // Whoever asks twice does not want to wait.
      if (stopping) process.exit(1);
      stopping = true;
      log.info({ signal }, 'stopping');
      // A person at a terminal does not want to wait; what manages replicas sends SIGTERM.
      service.stop({ patient: signal === 'SIGTERM' }).then(
        () => process.exit(0),
        (error: Error) => {
          log.error(errorFields(error), 'stopping failed');
          process.exit(1);
        },
      );
    });
  }
}

main().catch((error: Error) => {
  process.stderr.write(`keyrotator: ${error.message}\n`);
  const misconfigured = error instanceof ConfigError || error instanceof WrongMasterKey;
  process.exit(misconfigured ? EXIT_CONFIG : 1);
});
