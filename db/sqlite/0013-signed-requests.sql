-- Apps whose requests have to be signed: the secrets that they are signed with, and the nonces that were spent.
ALTER TABLE apps ADD COLUMN require_signature INTEGER NOT NULL DEFAULT 0;
CREATE TABLE signing_secrets (
  id            INTEGER PRIMARY KEY,
  tenant_id     INTEGER NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  app_id        INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  sealed_secret BLOB NOT NULL,
  valid_until   INTEGER,
  created_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX signing_secrets_of_app ON signing_secrets (app_id);
CREATE INDEX signing_secrets_of_tenant ON signing_secrets (tenant_id);
CREATE TABLE spent_nonces (
  app_id INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  nonce  TEXT NOT NULL,
  until  INTEGER NOT NULL,
  PRIMARY KEY (app_id, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_nonces_by_end ON spent_nonces (until);
