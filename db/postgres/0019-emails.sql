-- Addresses that hear of events by mail. `due_at`: not before then; null is at once.
CREATE TABLE emails (
  id              bigint PRIMARY KEY,
  tenant_id       bigint NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  address         text NOT NULL,
  events          text NOT NULL,
  description     text NOT NULL,
  enabled         smallint NOT NULL CHECK (enabled IN (0, 1)),
  disabled_reason text,
  outbox_cursor   bigint NOT NULL,
  failures        bigint NOT NULL,
  failing_since   bigint,
  due_at          bigint,
  created_at      bigint NOT NULL,
  updated_at      bigint NOT NULL,
  UNIQUE (tenant_id, address)
);
CREATE INDEX emails_by_tenant ON emails (tenant_id, id);
