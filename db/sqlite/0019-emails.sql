-- Addresses that hear of events by mail. `due_at`: not before then; null is at once.
CREATE TABLE emails (
  id              INTEGER PRIMARY KEY,
  tenant_id       INTEGER NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  address         TEXT NOT NULL,
  events          TEXT NOT NULL,
  description     TEXT NOT NULL,
  enabled         INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  disabled_reason TEXT,
  outbox_cursor   INTEGER NOT NULL,
  failures        INTEGER NOT NULL,
  failing_since   INTEGER,
  due_at          INTEGER,
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  UNIQUE (tenant_id, address)
) STRICT;
CREATE INDEX emails_by_tenant ON emails (tenant_id, id);
