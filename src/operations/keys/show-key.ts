import { showTime } from '../../contract/common.ts';
import type { KeySettingsView, KeyView } from '../../contract/keys.ts';
import { maskKey } from '../../domain/mask.ts';
import { coolsUntil, serves } from '../../domain/policy-key.ts';
import { loadDataKeys } from '../../storage/configuration.ts';
import type { ProviderKeyRow, Reader, ServiceRow } from '../../storage/rows.ts';
import { loadServed } from '../../storage/tables/provider-keys.ts';
import { runningDays } from '../../storage/tables/services.ts';
import type { SealedDataKeys } from '../../vault/keyring.ts';
import type { Vault } from '../vault/vault.ts';

/** Keys of one service as they are shown, each opened for as long as it takes to mask it. */
export async function showKeys(
  vault: Vault,
  db: Reader,
  service: ServiceRow,
  rows: readonly ProviderKeyRow[],
): Promise<KeyView[]> {
  if (rows.length === 0) return [];
  const dataKeys = await loadDataKeys(db, service.tenant_id);
  const { now, settled } = vault.engine.time();
  const days = await runningDays(db, [service.id], settled);
  const day = days.get(service.id) ?? null;
  const ids = rows.map(({ id }) => id);
  const served = await loadServed(db, ids, day?.starts_at ?? null);
  return rows.map((row) => ({
    ...showKeySettings(row, service.current_key_id),
    ...showCooling(row, now),
    masked_key: masked(vault, dataKeys, row),
    usage_today: served.get(row.id)?.count ?? 0,
    last_delivered_at: showTime(served.get(row.id)?.last_delivered_at ?? null),
    created_at: showTime(row.created_at),
    updated_at: showTime(row.updated_at),
  }));
}

export async function showKey(
  vault: Vault,
  db: Reader,
  service: ServiceRow,
  row: ProviderKeyRow,
): Promise<KeyView> {
  const [view] = await showKeys(vault, db, service, [row]);
  return view as KeyView;
}

/** What the audit trail keeps of a key: nothing of the key itself. */
export function showKeySettings(row: ProviderKeyRow, currentKeyId: number | null): KeySettingsView {
  return {
    id: row.id,
    label: row.label,
    state: row.state,
    current: row.id === currentKeyId,
    weight: row.weight,
    position: row.position,
    max_daily_requests: row.max_daily_requests,
    expires_at: showTime(row.expires_at),
    tags: JSON.parse(row.tags),
    activated_at: showTime(row.activated_at),
    retires_at: showTime(row.retires_at),
    drained_at: showTime(row.drained_at),
    disabled_reason: row.disabled_reason,
    auto_enable_at: showTime(row.auto_enable_at),
    bucket: row.bucket,
    decrypt_failed: row.decrypt_failed_at !== null,
  };
}

/** What is shown of a key as it is at `now`, and not as it was changed last. */
export function showCooling(row: ProviderKeyRow, now: number): Pick<KeyView, 'state' | 'cooling_until'> {
  const until = serves(row) ? coolsUntil(row, now) : null;
  return { state: until === null ? row.state : 'cooling', cooling_until: showTime(until) };
}

function masked(vault: Vault, dataKeys: SealedDataKeys, row: ProviderKeyRow): string | null {
  const place = { purpose: 'provider-key', tenantId: row.tenant_id, id: row.id } as const;
  try {
    const bytes = vault.keyring.open(dataKeys, place, row.sealed_key);
    const text = maskKey(bytes.toString('utf8'));
    bytes.fill(0);
    return text;
  } catch {
    // Whether the key or its data key is damaged: there is nothing to show of it.
    return null;
  }
}
