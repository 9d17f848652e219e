-- Apps whose requests have to be signed: the secrets that they are signed with, and the nonces that were spent.
ALTER TABLE apps ADD COLUMN require_signature smallint NOT NULL DEFAULT 0;
CREATE TABLE signing_secrets (
  id            bigint PRIMARY KEY,
  tenant_id     bigint NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  app_id        bigint NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  sealed_secret bytea NOT NULL,
  valid_until   bigint,
  created_at    bigint NOT NULL
);
CREATE INDEX signing_secrets_of_app ON signing_secrets (app_id);
CREATE INDEX signing_secrets_of_tenant ON signing_secrets (tenant_id);
CREATE TABLE spent_nonces (
  app_id bigint NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  nonce  text NOT NULL,
  until  bigint NOT NULL,
  PRIMARY KEY (app_id, nonce)
);
CREATE INDEX spent_nonces_by_end ON spent_nonces (until);
