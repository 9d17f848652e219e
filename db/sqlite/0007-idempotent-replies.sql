-- What was answered to a POST with an Idempotency-Key, for a day. `name` is a digest of the token, the path and the key;
-- `reply` is sealed like a secret, for it may hold a token.
CREATE TABLE idempotent_replies (
  name        BLOB PRIMARY KEY,
  id          INTEGER NOT NULL UNIQUE,
  tenant_id   INTEGER REFERENCES tenants (id) ON DELETE CASCADE,
  fingerprint BLOB NOT NULL,
  reply       BLOB NOT NULL,
  at          INTEGER NOT NULL
) STRICT;
CREATE INDEX idempotent_replies_by_age ON idempotent_replies (at);
CREATE INDEX idempotent_replies_of_tenant ON idempotent_replies (tenant_id);
