import { showTime } from '../../contract/common.ts';
import type { HoldersView, HolderView } from '../../contract/key-holders.ts';
import {
  type Holder,
  type HolderPlace,
  type HolderSince,
  listHoldersSince,
  listLastDelivered,
  othersSince,
} from '../../storage/tables/key-holders.ts';
import { type Page, pageOf } from '../paging.ts';
import { type KeyPath, requireKey, requireService } from '../services/find-service.ts';
import type { Vault } from '../vault/vault.ts';

/** Who was ever handed a key unmasked, and once it is handed out no more, who has been given another one of its service since. */
export async function listHolders(vault: Vault, path: KeyPath, page: Page): Promise<HoldersView> {
  const { read } = vault.engine;
  const service = await requireService(read, path);
  const key = await requireKey(read, service, path.key);
  const { withdrawn_at: since } = key;
  const others = since === null ? [] : othersSince(await listLastDelivered(read, service.id), key.id, since);
  const rows = await listHoldersSince(read, key.id, page.limit + 1, placeOf(page), others, since ?? 0);
  return {
    ...pageOf(rows, page, ({ app_id, ip }) => ({ id: app_id, text: ip }), showSince),
    drained: key.drained_at !== null,
    drained_at: showTime(key.drained_at),
  };
}

export function showHolder({ app_id, ip, first_at, last_at }: Holder): HolderView {
  return {
    app_id: app_id === 0 ? null : app_id,
    ip,
    first_at: showTime(first_at),
    last_at: showTime(last_at),
  };
}

function showSince(holder: HolderSince) {
  return {
    ...showHolder(holder),
    newer_key_id: holder.newer_key_id,
    newer_at: showTime(holder.newer_at),
  };
}

function placeOf({ place }: Page): HolderPlace | null {
  return place == null ? null : { app_id: place.id, ip: place.text };
}
