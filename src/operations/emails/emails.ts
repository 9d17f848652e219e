/** The addresses of a tenant that hear of events by mail. */
import { isDeepStrictEqual } from 'node:util';
import type { Origin } from '../../audit/entry.ts';
import { type ListView, showTime } from '../../contract/common.ts';
import type { EmailPatch, EmailView, NewEmail } from '../../contract/emails.ts';
import type { EmailsQuery } from '../../contract/list-queries.ts';
import { mayBeMailed } from '../../domain/email-address.ts';
import { conflict, mistake, notFound } from '../../domain/problem.ts';
import type { EmailRow, Reader, Transaction } from '../../storage/rows.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import * as table from '../../storage/tables/emails.ts';
import { takeIds } from '../../storage/tables/sequences.ts';
import { newestEvent } from '../../storage/tables/webhooks.ts';
import { oneMore, type Page, pageOf } from '../paging.ts';
import type { Precondition } from '../precondition.ts';
import { requireTenant } from '../tenants/tenants.ts';
import type { Vault } from '../vault/vault.ts';

/** So many addresses a tenant has at most: the vault writes to people it does not know. */
export const MOST_EMAILS = 20;

export interface EmailVault extends Vault {
  /** Which domains mails may go to, any where there is none; null where no mail can be sent. */
  readonly mail: { readonly domains: readonly string[] } | null;
}

/** Adds an address, which hears of what happens from now on. */
export async function createEmail(
  vault: EmailVault,
  origin: Origin,
  tenantSlug: string,
  input: NewEmail,
): Promise<EmailView> {
  const { now } = vault.engine.time();
  const { id: tenantId } = await requireTenant(vault.engine.read, tenantSlug);
  refuseAddress(vault, input.address);
  return vault.engine.write({ tenantId }, async (unit) => {
    await requireTenant(unit, tenantSlug);
    if ((await table.countEmails(unit, tenantId)) >= MOST_EMAILS)
      throw conflict(
        `A tenant has at most ${MOST_EMAILS} addresses: delete one first, or name a mailing list.`,
      );
    const row: EmailRow = {
      id: await takeIds(unit, 'emails'),
      tenant_id: tenantId,
      address: input.address,
      events: JSON.stringify(input.events),
      description: input.description,
      enabled: input.enabled ? 1 : 0,
      disabled_reason: null,
      outbox_cursor: await newestEvent(unit),
      failures: 0,
      failing_since: null,
      due_at: null,
      created_at: now,
      updated_at: now,
    };
    await refuseTwice(unit, row);
    await table.insertEmail(unit, row);
    await audit(unit, 'email.created', origin, row, { after: showEmail(row) });
    return showEmail(row);
  });
}

export async function listEmails(
  vault: Vault,
  tenantSlug: string,
  filter: EmailsQuery,
  page: Page,
): Promise<ListView<EmailView>> {
  const { id } = await requireTenant(vault.engine.read, tenantSlug);
  const rows = await table.listEmails(vault.engine.read, id, oneMore(page), filter);
  return pageOf(rows, page, (row) => row.id, showEmail);
}

export async function getEmail(vault: Vault, tenantSlug: string, id: number | null): Promise<EmailView> {
  const tenant = await requireTenant(vault.engine.read, tenantSlug);
  return showEmail(await requireEmail(vault.engine.read, tenant.id, id));
}

/** Changes an address. One that is enabled again goes on where it stopped. What changes nothing leaves no trace. */
export async function updateEmail(
  vault: EmailVault,
  origin: Origin,
  tenantSlug: string,
  id: number | null,
  patch: EmailPatch,
  precondition: Precondition,
): Promise<EmailView> {
  const { now } = vault.engine.time();
  const { id: tenantId } = await requireTenant(vault.engine.read, tenantSlug);
  return vault.engine.write({ tenantId }, async (unit) => {
    const row = await requireEmail(unit, tenantId, id);
    const before = showEmail(row);
    precondition(before);
    const address = patch.address ?? row.address;
    if (address !== row.address) refuseAddress(vault, address);
    const enabled = patch.enabled === undefined ? row.enabled : Number(patch.enabled);
    const freshStart = enabled > row.enabled || address !== row.address;
    const changed: EmailRow = {
      ...row,
      address,
      description: patch.description ?? row.description,
      events: patch.events === undefined ? row.events : JSON.stringify(patch.events),
      enabled,
      disabled_reason: enabled === row.enabled ? row.disabled_reason : null,
      ...(freshStart ? { failures: 0, failing_since: null, due_at: null } : {}),
      updated_at: now,
    };
    await refuseTwice(unit, changed);
    if (isDeepStrictEqual(showEmail({ ...changed, updated_at: row.updated_at }), before)) return before;
    const { id: _id, tenant_id: _tenant, created_at: _created, ...changes } = changed;
    await table.updateEmail(unit, row.id, changes);
    const after = showEmail(changed);
    await audit(unit, 'email.updated', origin, changed, { before, after });
    return after;
  });
}

/** Deletes an address; what it was yet to be told is not sent. */
export async function deleteEmail(
  vault: Vault,
  origin: Origin,
  tenantSlug: string,
  id: number | null,
  reason: string | null,
): Promise<void> {
  const { now } = vault.engine.time();
  const { id: tenantId } = await requireTenant(vault.engine.read, tenantSlug);
  await vault.engine.write('nothing', async (unit) => {
    const row = await requireEmail(unit, tenantId, id);
    await table.deleteEmail(unit, row.id);
    await audit(
      unit,
      'email.deleted',
      origin,
      { ...row, updated_at: now },
      { reason, before: showEmail(row) },
    );
  });
}

async function requireEmail(db: Reader, tenantId: number, id: number | null): Promise<EmailRow> {
  const row = id === null ? undefined : await table.findEmail(db, tenantId, id);
  if (row === undefined) throw notFound();
  return row;
}

function refuseAddress({ mail }: EmailVault, address: string): void {
  if (mail === null) {
    throw conflict(
      'This vault sends no mail: its operator has to set KEYROTATOR_SMTP_URL and KEYROTATOR_MAIL_FROM first.',
    );
  }
  const { domains } = mail;
  if (!mayBeMailed(address, domains))
    throw mistake('/address', `must be of a domain that mails may go to: ${domains.join(', ')}`);
}

async function refuseTwice(unit: Transaction, row: EmailRow): Promise<void> {
  const other = await table.findOther(unit, row);
  if (other !== undefined) throw conflict(`Email ${other.id} has this address already: change that one.`);
}

async function audit(
  unit: Transaction,
  type: string,
  origin: Origin,
  { id, tenant_id, updated_at }: EmailRow,
  more: { readonly reason?: string | null; readonly before?: object; readonly after?: object },
): Promise<void> {
  await addAuditEntry(unit, { at: updated_at, tenant_id, type, origin, target: `email:${id}`, ...more });
}

function showEmail(row: EmailRow): EmailView {
  return {
    id: row.id,
    address: row.address,
    events: JSON.parse(row.events),
    description: row.description,
    enabled: row.enabled === 1,
    disabled_reason: row.disabled_reason,
    failing_since: showTime(row.failing_since),
    created_at: showTime(row.created_at),
    updated_at: showTime(row.updated_at),
  };
}
