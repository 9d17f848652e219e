/** Many operations in one unit. */
import type { WriteScope } from '../storage/engine.ts';
import type { Transaction } from '../storage/rows.ts';
import type { Vault } from './vault/vault.ts';

/**
 * Runs `work` with a vault whose operations write and read in one and the same unit: when this resolves, all that they did is
 * on disk, else nothing. They may change the configuration of `scope` and no other.
 */
export function inOneUnit<V extends Vault, T>(
  vault: V,
  scope: WriteScope,
  work: (vault: V, unit: Transaction) => Promise<T>,
): Promise<T> {
  const { engine } = vault;
  return engine.write(scope, (unit) =>
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
