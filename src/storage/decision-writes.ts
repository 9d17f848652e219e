/** What a decision writes beside its delivery and its counts: rare, so each is a query of its own. */
import type { Compilable, Kysely } from 'kysely';
import { auditRow } from '../audit/entry.ts';
import { turnEndsAt } from '../domain/policy.ts';
import { outboxRow } from '../events/catalogue.ts';
import type { KeyConfig, ServiceSubject } from './configuration.ts';
import type { Delivered } from './engine.ts';
import type { Tables } from './rows.ts';

/** Changed keys, events and audit entries; `service` is as the decision has left it. In the order to be run. */
export function decisionWrites(
  compiler: Kysely<Tables>,
  decision: Delivered,
  service: ServiceSubject,
): Compilable[] {
  const { changes, events, auditEntries, delivery } = decision;
  const writes: Compilable[] = changes.map(({ key_id, state, activated_at }) =>
    compiler
      .updateTable('provider_keys')
      .set({ state, updated_at: delivery.at, ...(activated_at === undefined ? {} : { activated_at }) })
      .where('id', '=', key_id),
  );
  if (changes.length > 0) {
    const { id, current_key_id, keys } = service.config;
    const current = current_key_id === null ? undefined : keys.get(current_key_id);
    const next_rotation_at = turnEndsAt(service.config, current?.activated_at ?? null);
    writes.push(
      compiler.updateTable('services').set({ current_key_id, next_rotation_at }).where('id', '=', id),
    );
  }
  for (const event of events) writes.push(compiler.insertInto('outbox').values(outboxRow(event)));
  for (const entry of auditEntries) writes.push(compiler.insertInto('audit_entries').values(auditRow(entry)));
  return writes;
}

/** The flag of a key that does not decrypt. */
export function brokenKeyWrite(compiler: Kysely<Tables>, key: KeyConfig, at: number): Compilable {
  return compiler.updateTable('provider_keys').set({ decrypt_failed_at: at }).where('id', '=', key.id);
}
