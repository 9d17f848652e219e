/** What an audit entry says: who did what to which thing, from where, with what outcome. Never a secret. */

export interface Actor {
  readonly kind: 'admin_token' | 'client_token' | 'app' | 'system';
  readonly id: number | null;
  readonly name: string;
  readonly role: string | null;
}

/** The vault itself, acting by a schedule or a policy. */
export const SYSTEM: Actor = { kind: 'system', id: null, name: 'keyrotator', role: null };

/** Where an act came from. */
export interface Origin {
  readonly actor: Actor;
  readonly ip: string | null;
  readonly request_id: string | null;
}

export const SYSTEM_ORIGIN: Origin = { actor: SYSTEM, ip: null, request_id: null };

export interface NewAuditEntry {
  readonly at: number;
  readonly tenant_id: number | null;
  /** `subject.verb`, as `key.disabled`. */
  readonly type: string;
  readonly origin: Origin;
  /** What it was done to, as `service:openai/key:12`. */
  readonly target: string;
  readonly reason?: string | null;
  readonly before?: object | null;
  readonly after?: object | null;
}

/** The row of an entry. Everything that is recorded has succeeded: it commits with the change or not at all. */
export function auditRow(entry: NewAuditEntry) {
  return {
    at: entry.at,
    tenant_id: entry.tenant_id,
    type: entry.type,
    actor_kind: entry.origin.actor.kind,
    actor_id: entry.origin.actor.id,
    actor_name: entry.origin.actor.name,
    actor_role: entry.origin.actor.role,
    ip: entry.origin.ip,
    target: entry.target,
    outcome: 'success',
    reason: entry.reason ?? null,
    before: toJson(entry.before),
    after: toJson(entry.after),
    request_id: entry.origin.request_id,
  };
}

function toJson(value: object | null | undefined): string | null {
  return value == null ? null : JSON.stringify(value);
}
