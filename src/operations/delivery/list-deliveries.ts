import { type ListView, showTime } from '../../contract/common.ts';
import type { DeliveriesQuery, DeliveryView } from '../../contract/queries.ts';
import { listDeliveries as select } from '../../storage/tables/deliveries.ts';
import { type Page, pageOf } from '../paging.ts';
import { requireService, type ServicePath } from '../services/find-service.ts';
import type { Vault } from '../vault/vault.ts';

/** Who got which key of a service, newest first. */
export async function listDeliveries(
  vault: Vault,
  path: ServicePath,
  query: DeliveriesQuery,
  page: Page,
): Promise<ListView<DeliveryView>> {
  const service = await requireService(vault.engine.read, path);
  const rows = await select(vault.engine.read, service.id, query, page.limit + 1, page.after);
  return pageOf(
    rows,
    page,
    (row) => row.seq,
    ({ delivery_id, at, key_id, app_id, ip, masked, usage_today }) => ({
      delivery_id,
      at: showTime(at),
      key_id,
      app_id,
      ip,
      masked: masked === 1,
      usage_today,
    }),
  );
}
