/** Many operations in one unit. */
import type { Vault } from '../../../src/operations/vault.ts';
import type { Transaction } from '../../../src/storage/rows.ts';

/**
 * Runs `work` with a vault whose operations write and read in one and the same unit: when this resolves, all that they did is
 * on disk, else nothing. It may change nothing of what deliveries are decided upon already: new tenants are for this.
 */
export function inOneUnit<T>(
  vault: Vault,
  work: (vault: Vault, unit: Transaction) => Promise<T>,
): Promise<T> {
  const { engine } = vault;
  return engine.write('nothing', (unit) =>
    work(
      {
        ...vault,
        engine: {
          read: unit,
          write: (_scope, inner) => inner(unit),
          deliver: (lookup, decide) => engine.deliver(lookup, decide),
          lead: () => engine.lead(),
          lastSeq: (tenantId) => engine.lastSeq(tenantId),
          time: () => engine.time(),
          check: () => engine.check(),
          vitals: () => engine.vitals(),
          space: () => engine.space(),
          tidy: () => engine.tidy(),
          pruneDeliveries: (keep, stopping) => engine.pruneDeliveries(keep, stopping),
          close: () => engine.close(),
        },
      },
      unit,
    ),
  );
}
