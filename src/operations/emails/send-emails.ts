/**
 * Mails what happened to the addresses that asked for it: at least once each, several events in one mail, and at most one mail
 * a minute to an address, which a tenant that removes it and adds it again does not hurry. What was sent is recorded after it was
 * sent; whoever dies between sends it again.
 */
import { SYSTEM_ORIGIN } from '../../audit/entry.ts';
import { mayBeMailed } from '../../domain/email-address.ts';
import { mailOf } from '../../events/mail.ts';
import type { MailResult, MailSender } from '../../mail/send-mail.ts';
import type { Engine } from '../../storage/engine.ts';
import type { EmailRow } from '../../storage/rows.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import * as table from '../../storage/tables/emails.ts';
import { slugOfTenant } from '../../storage/tables/tenants.ts';
import { tellOnce, toldUntil } from '../../storage/tables/told.ts';
import { piledUp } from './piled-up-events.ts';

const AT_ONCE = 4;
/** How many addresses a run writes to at most. */
const PAGE = 100;
const MINUTE_MS = 60_000;
const LONGEST_WAIT_MS = 60 * MINUTE_MS;
const GIVE_UP_AFTER_MS = 5 * 86_400_000;

export interface EmailObserver {
  attempted(emailId: number, result: MailResult): void;
  /** Nothing was sent: mails may not go there, or not any more. */
  barred(emailId: number): void;
}

export interface Mailing {
  readonly sender: MailSender;
  readonly observer: EmailObserver;
  /** Which domains mails may go to, any where there is none. */
  readonly domains: readonly string[];
}

/** Sends what is due, by the leader. Returns how many mails were taken. */
export async function sendEmails(engine: Engine, mailing: Mailing, stopping: AbortSignal): Promise<number> {
  const due = await table.listDueEmails(engine.read, engine.time().settled, PAGE);
  let taken = 0;
  const lane = async () => {
    for (let email = due.shift(); email !== undefined && !stopping.aborted; email = due.shift()) {
      if (await sendTo(engine, mailing, email)) taken++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return taken;
}

async function sendTo(
  engine: Engine,
  { sender, observer, domains }: Mailing,
  email: EmailRow,
): Promise<boolean> {
  const soonest = await toldUntil(engine.read, email.tenant_id, paceOf(email), engine.time().settled);
  if (soonest !== null) {
    await record(engine, email, () => ({ due_at: soonest }));
    return false;
  }
  const piled = await piledUp(engine.read, email);
  const tenant = await slugOfTenant(engine.read, email.tenant_id);
  if (piled === null || tenant === null) return false;
  const { wanted, cursor } = piled;
  const [first] = wanted;
  if (first === undefined) {
    await record(engine, email, () => ({ outbox_cursor: cursor }));
    return false;
  }
  if (!mayBeMailed(email.address, domains)) {
    observer.barred(email.id);
    await record(engine, email, afterFailure);
    return false;
  }
  const mail = mailOf(
    tenant,
    wanted.map(({ type, at, data }) => ({ type, at, data: JSON.parse(data) })),
  );
  const id = `email-${email.id}.${first.event_id}.${wanted.length}`;
  const result = await sender.send({ to: email.address, id, ...mail });
  observer.attempted(email.id, result);
  await record(
    engine,
    email,
    (row, settled) => (result.ok ? afterTaken(cursor, settled) : afterFailure(row, settled)),
    { tried: true },
  );
  return result.ok;
}

type Changes = Partial<Pick<EmailRow, 'outbox_cursor' | 'failures' | 'failing_since' | 'due_at'>>;

function afterTaken(cursor: number, now: number): Changes {
  return { outbox_cursor: cursor, failures: 0, failing_since: null, due_at: now + MINUTE_MS };
}

function afterFailure({ failures, failing_since }: EmailRow, now: number): Changes {
  const wait = Math.min(MINUTE_MS * 2 ** Math.min(failures, 10), LONGEST_WAIT_MS);
  return { failures: failures + 1, failing_since: failing_since ?? now, due_at: now + wait };
}

/** What the pace of an address is kept under, whichever row it belongs to. */
function paceOf({ address }: EmailRow): string {
  return `mail/${address.toLowerCase()}`;
}

/** `tried`: something was sent to the address, so that it is to be left alone for a minute, whatever has become of its row. */
async function record(
  engine: Engine,
  email: EmailRow,
  change: (row: EmailRow, settled: number) => Changes,
  { tried } = { tried: false },
): Promise<void> {
  const { now, settled } = engine.time();
  await engine.write('nothing', async (unit) => {
    if (tried && (await slugOfTenant(unit, email.tenant_id)) !== null)
      await tellOnce(unit, email.tenant_id, paceOf(email), settled, settled + MINUTE_MS);
    const row = await table.findEmail(unit, email.tenant_id, email.id);
    if (row === undefined) return;
    const changes = change(row, settled);
    const failingFor = changes.failing_since ? settled - changes.failing_since : 0;
    const givenUp = row.enabled === 1 && failingFor >= GIVE_UP_AFTER_MS;
    const reason = 'no mail to it was taken for five days';
    const end = givenUp ? { enabled: 0, disabled_reason: reason, updated_at: now } : {};
    await table.updateEmail(unit, row.id, { ...changes, ...end });
    if (!givenUp) return;
    await addAuditEntry(unit, {
      at: now,
      tenant_id: row.tenant_id,
      type: 'email.disabled',
      origin: SYSTEM_ORIGIN,
      target: `email:${row.id}`,
      reason,
    });
  });
}
