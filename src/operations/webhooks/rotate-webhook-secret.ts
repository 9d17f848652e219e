import { randomBytes } from 'node:crypto';
import type { Origin } from '../../audit/entry.ts';
import { showTime } from '../../contract/common.ts';
import type { RotatedSecretView } from '../../contract/webhooks.ts';
import { Problem } from '../../domain/problem.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import * as table from '../../storage/tables/webhooks.ts';
import { replaceSecret } from '../../webhooks/secrets.ts';
import { newWebhookSecret } from '../../webhooks/sign.ts';
import { requireTenant } from '../tenants/tenants.ts';
import type { Vault } from '../vault/vault.ts';
import { openSecrets, sealSecrets } from './webhook-secrets.ts';
import { requireWebhook } from './webhooks.ts';

/** Each is one more signature in every message. */
const MAX_PREVIOUS = 4;

/** A new secret, which is in the result and nowhere else; messages are signed with the one before, too, for the grace. */
export async function rotateWebhookSecret(
  vault: Vault,
  origin: Origin,
  tenantSlug: string,
  id: number | null,
  graceSeconds: number,
): Promise<RotatedSecretView> {
  const { now } = vault.engine.time();
  const { id: tenantId } = await requireTenant(vault.engine.read, tenantSlug);
  return vault.engine.write('nothing', async (unit) => {
    const row = await requireWebhook(unit, tenantId, id);
    const secret = newWebhookSecret(randomBytes(32));
    const until = now + graceSeconds * 1000;
    const secrets = replaceSecret(await openSecrets(vault, unit, row), secret, until, now);
    if (secrets.previous.length > MAX_PREVIOUS) {
      throw new Problem(
        'conflict',
        `${MAX_PREVIOUS} earlier secrets still sign: wait until one has ended, or rotate with grace_seconds 0, which ends them all.`,
      );
    }
    await table.updateWebhook(unit, row.id, { sealed_secret: await sealSecrets(vault, unit, row, secrets) });
    const previous_valid_until = showTime(until);
    await addAuditEntry(unit, {
      at: now,
      tenant_id: tenantId,
      type: 'webhook.secret_rotated',
      origin,
      target: `webhook:${row.id}`,
      after: { previous_valid_until },
    });
    return { secret, previous_valid_until };
  });
}
