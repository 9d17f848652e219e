/** What an app proves itself with, made anew: its token, and the secret it signs with. */
import type { Origin } from '../../audit/entry.ts';
import { showTime } from '../../contract/common.ts';
import { conflict } from '../../domain/problem.ts';
import { newEvent } from '../../events/catalogue.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { addEvent } from '../../storage/tables/outbox.ts';
import { replaceToken } from '../tenants/issue-token.ts';
import { requireTenant } from '../tenants/tenants.ts';
import type { Vault } from '../vault/vault.ts';
import { requireApp } from './find-app.ts';
import { replaceSigningSecret } from './signing-secrets.ts';

/** A new token; the one before serves on for the grace. */
export async function rotateAppToken(
  vault: Vault,
  origin: Origin,
  tenantSlug: string,
  id: number | null,
  graceSeconds: number,
): Promise<{ app_token: string; previous_valid_until: string }> {
  const { now } = vault.engine.time();
  const { id: tenantId } = await requireTenant(vault.engine.read, tenantSlug);
  return vault.engine.write({ tenantId }, async (unit) => {
    const row = await requireApp(unit, tenantId, id);
    const owner = { tenantId, appId: row.id };
    const { token, previousValidUntil } = await replaceToken(vault, unit, owner, graceSeconds, now);
    const previous_valid_until = showTime(previousValidUntil);
    await addAuditEntry(unit, {
      at: now,
      tenant_id: tenantId,
      type: 'app.token_rotated',
      origin,
      target: `app:${row.id}`,
      after: { previous_valid_until },
    });
    const told = { tenant: tenantSlug, app_id: row.id, previous_valid_until };
    await addEvent(unit, newEvent('app.token_rotated', tenantId, now, told));
    return { app_token: token, previous_valid_until };
  });
}

/** A new signing secret; the one before is valid on for the grace. */
export async function rotateSigningSecret(
  vault: Vault,
  origin: Origin,
  tenantSlug: string,
  id: number | null,
  graceSeconds: number,
): Promise<{ signing_secret: string; previous_valid_until: string }> {
  const { now } = vault.engine.time();
  const { id: tenantId } = await requireTenant(vault.engine.read, tenantSlug);
  return vault.engine.write({ tenantId }, async (unit) => {
    const row = await requireApp(unit, tenantId, id);
    if (row.require_signature === 0) {
      throw conflict(
        'The app wants no signatures: a PATCH that sets require_signature to true answers with its secret.',
      );
    }
    const app = { tenantId, appId: row.id };
    const { secret, previousValidUntil } = await replaceSigningSecret(vault, unit, app, graceSeconds, now);
    const previous_valid_until = showTime(previousValidUntil);
    await addAuditEntry(unit, {
      at: now,
      tenant_id: tenantId,
      type: 'app.signing_secret_rotated',
      origin,
      target: `app:${row.id}`,
      after: { previous_valid_until },
    });
    return { signing_secret: secret, previous_valid_until };
  });
}
