-- Admin tokens of the roles within a tenant beside those of root, with an end and a list of addresses.
ALTER TABLE admin_tokens
  DROP CONSTRAINT admin_tokens_role_check,
  ADD CONSTRAINT admin_tokens_role_check
    CHECK (role IN ('root', 'owner', 'admin', 'operator', 'viewer', 'auditor')),
  ADD COLUMN tenant_id   bigint REFERENCES tenants (id) ON DELETE CASCADE,
  ADD COLUMN hint        text NOT NULL DEFAULT '',
  ADD COLUMN allowed_ips text NOT NULL DEFAULT '[]',
  ADD COLUMN expires_at  bigint,
  ADD CONSTRAINT admin_tokens_of_root_check CHECK ((role = 'root') = (tenant_id IS NULL));
ALTER TABLE admin_tokens ALTER COLUMN hint DROP DEFAULT, ALTER COLUMN allowed_ips DROP DEFAULT;
CREATE INDEX admin_tokens_of_tenant ON admin_tokens (tenant_id, id);

-- 1 is the token of the configuration.
INSERT INTO sequences VALUES ('admin_tokens', 1);
