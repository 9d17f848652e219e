-- What was answered to a POST with an Idempotency-Key, for a day. `name` is a digest of the token, the path and the key;
-- `reply` is sealed like a secret, for it may hold a token.
CREATE TABLE idempotent_replies (
  name        bytea PRIMARY KEY,
  id          bigint NOT NULL UNIQUE,
  tenant_id   bigint REFERENCES tenants (id) ON DELETE CASCADE,
  fingerprint bytea NOT NULL,
  reply       bytea NOT NULL,
  at          bigint NOT NULL
);
CREATE INDEX idempotent_replies_by_age ON idempotent_replies (at);
CREATE INDEX idempotent_replies_of_tenant ON idempotent_replies (tenant_id);
