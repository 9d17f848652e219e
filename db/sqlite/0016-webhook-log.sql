-- Attempts to send an event to an endpoint, the newest of each; `seq` is that of the outbox or of the deliveries.
CREATE TABLE webhook_attempts (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  webhook_id INTEGER NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  source     TEXT NOT NULL CHECK (source IN ('outbox', 'delivery')),
  seq        INTEGER NOT NULL,
  event_id   TEXT NOT NULL,
  type       TEXT NOT NULL,
  attempt    INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  status     INTEGER,
  latency_ms INTEGER NOT NULL,
  error      TEXT,
  answer     TEXT
) STRICT;
CREATE INDEX webhook_attempts_by_webhook ON webhook_attempts (webhook_id, id);

ALTER TABLE webhooks ADD COLUMN batch INTEGER NOT NULL DEFAULT 0 CHECK (batch IN (0, 1));

-- Deliveries that are one message: those of the tenant after `after_seq` and up to `last_seq`. Fixed before it is first sent.
CREATE TABLE webhook_batches (
  webhook_id INTEGER NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  last_seq   INTEGER NOT NULL,
  after_seq  INTEGER NOT NULL,
  event_id   TEXT NOT NULL,
  PRIMARY KEY (webhook_id, last_seq)
) STRICT, WITHOUT ROWID;

-- What was removed before an endpoint was sent it, and it is yet to be told of.
CREATE TABLE webhook_losses (
  webhook_id INTEGER NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  source     TEXT NOT NULL CHECK (source IN ('outbox', 'delivery')),
  count      INTEGER NOT NULL,
  from_at    INTEGER NOT NULL,
  to_at      INTEGER NOT NULL,
  PRIMARY KEY (webhook_id, source)
) STRICT, WITHOUT ROWID;
