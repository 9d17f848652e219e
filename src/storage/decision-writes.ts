/** What a decision writes beside its delivery and its counts: rare, so each is a query of its own. */
import { type Compilable, type Kysely, sql } from 'kysely';
import { auditRow } from '../audit/entry.ts';
import { turnEndsAt } from '../domain/policy.ts';
import { outboxRow } from '../events/catalogue.ts';
import type { OnceEvent } from '../events/once.ts';
import type { ServiceSubject } from './configuration.ts';
import type { Decision, Delivered } from './engine.ts';
import type { Tables } from './rows.ts';

const NONE: readonly Compilable[] = [];

/** Changed keys, events and audit entries; `service` is as the decision has left it. In the order to be run. */
export function decisionWrites(
  compiler: Kysely<Tables>,
  decision: Delivered,
  service: ServiceSubject,
): readonly Compilable[] {
  const { changes, onceEvent, delivery } = decision;
  if (changes.length === 0 && !hasRecords(decision) && !onceEvent) return NONE;
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
  writes.push(...recordWrites(compiler, decision));
  if (onceEvent) writes.push(...onceEventWrites(compiler, onceEvent));
  return writes;
}

/** The event, unless it was told of already, and then that it was. As `addEventOnce` of tables/outbox.ts. */
function onceEventWrites(compiler: Kysely<Tables>, { event, name, at, until }: OnceEvent): Compilable[] {
  const row = outboxRow(event);
  const told = compiler
    .selectFrom('told')
    .select('name')
    .where('tenant_id', '=', row.tenant_id)
    .where('name', '=', name)
    .where('until', '>', at);
  // Of a parameter in a list of selected ones, PostgreSQL knows no type.
  const addEvent = compiler
    .insertInto('outbox')
    .columns(['event_id', 'tenant_id', 'type', 'at', 'data'])
    .expression(
      compiler
        .selectNoFrom([
          sql<string>`cast(${row.event_id} as text)`.as('event_id'),
          sql<number>`cast(${row.tenant_id} as bigint)`.as('tenant_id'),
          sql<string>`cast(${row.type} as text)`.as('type'),
          sql<number>`cast(${row.at} as bigint)`.as('at'),
          sql<string>`cast(${row.data} as text)`.as('data'),
        ])
        .where(({ not, exists }) => not(exists(told))),
    );
  const tell = compiler
    .insertInto('told')
    .values({ tenant_id: row.tenant_id, name, until })
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'name']).doUpdateSet({ until }).where('told.until', '<=', at),
    );
  return [addEvent, tell];
}

/** The flags of keys that do not decrypt; of a refusal, what is recorded of them as well. */
export function brokenKeyWrites(compiler: Kysely<Tables>, decision: Decision, at: number): Compilable[] {
  const flags = decision.brokenKeys.map(({ id }) =>
    compiler.updateTable('provider_keys').set({ decrypt_failed_at: at }).where('id', '=', id),
  );
  return decision.refusal === null ? flags : [...flags, ...recordWrites(compiler, decision)];
}

function hasRecords({ events, auditEntries }: Decision): boolean {
  return events.length > 0 || auditEntries.length > 0;
}

function recordWrites(compiler: Kysely<Tables>, { events, auditEntries }: Decision): Compilable[] {
  return [
    ...events.map((event) => compiler.insertInto('outbox').values(outboxRow(event))),
    ...auditEntries.map((entry) => compiler.insertInto('audit_entries').values(auditRow(entry))),
  ];
}
