/** Makes a data set in the vault that the configuration names; what is there already is left as it is. */
import type { Config } from '../../../src/config/config.ts';
import { createLog } from '../../../src/service/log.ts';
import { openVault } from '../../../src/service/open-vault.ts';
import { makeDeliveries } from './make-deliveries.ts';
import { makeTenants } from './make-tenants.ts';
import { showProgress } from './progress.ts';
import { checkShape, type Shape } from './shape.ts';
import { keepToken } from './token-file.ts';

/** `tokenFile`: where the tokens go. Rejects with an error that says what is wrong. Begun again, it goes on. */
export async function makeDataset(config: Config, shape: Shape, tokenFile: string): Promise<void> {
  checkShape(shape);
  const failed = (error: Error) => {
    throw error;
  };
  const { vault } = await openVault(config, {
    log: createLog('warn', false),
    observer: { batchCommitted: () => {}, batchFailed: failed, storageLost: failed },
    showRootToken: false,
  });
  try {
    await makeTenants(vault, shape, {
      keep: (token) => keepToken(tokenFile, token),
      progress: showProgress('keys', shape.keys),
    });
    await makeDeliveries(vault, shape, {
      engine: config.database.engine,
      progress: showProgress('deliveries', shape.deliveries),
    });
    await vault.engine.tidy();
  } finally {
    await vault.engine.close();
  }
}
