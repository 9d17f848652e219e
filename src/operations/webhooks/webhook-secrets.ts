/** The secrets of a webhook at rest. */
import { loadDataKeys } from '../../storage/configuration.ts';
import type { Reader, WebhookRow } from '../../storage/rows.ts';
import { readSecrets, type WebhookSecrets, writeSecrets } from '../../webhooks/secrets.ts';
import type { Vault } from '../vault/vault.ts';

export async function openSecrets(
  { keyring }: Vault,
  db: Reader,
  webhook: Pick<WebhookRow, 'id' | 'tenant_id' | 'sealed_secret'>,
): Promise<WebhookSecrets> {
  const dataKeys = await loadDataKeys(db, webhook.tenant_id);
  return readSecrets(keyring.open(dataKeys, placeOf(webhook), webhook.sealed_secret).toString('utf8'));
}

export async function sealSecrets(
  { keyring }: Vault,
  db: Reader,
  webhook: Pick<WebhookRow, 'id' | 'tenant_id'>,
  secrets: WebhookSecrets,
): Promise<Buffer> {
  const dataKeys = await loadDataKeys(db, webhook.tenant_id);
  return keyring.seal(dataKeys, placeOf(webhook), Buffer.from(writeSecrets(secrets)));
}

function placeOf({ id, tenant_id }: Pick<WebhookRow, 'id' | 'tenant_id'>) {
  return { purpose: 'webhook-secret', tenantId: tenant_id, id } as const;
}
