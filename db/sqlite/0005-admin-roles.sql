-- Admin tokens of the roles within a tenant beside those of root, with an end and a list of addresses.
CREATE TABLE admin_tokens_with_roles (
  id          INTEGER PRIMARY KEY,
  tenant_id   INTEGER REFERENCES tenants (id) ON DELETE CASCADE,
  name        TEXT NOT NULL,
  role        TEXT NOT NULL CHECK (role IN ('root', 'owner', 'admin', 'operator', 'viewer', 'auditor')),
  digest      BLOB NOT NULL UNIQUE,
  hint        TEXT NOT NULL,
  allowed_ips TEXT NOT NULL,
  expires_at  INTEGER,
  created_at  INTEGER NOT NULL,
  CHECK ((role = 'root') = (tenant_id IS NULL))
) STRICT;
INSERT INTO admin_tokens_with_roles
SELECT id, NULL, name, role, digest, '', '[]', NULL, created_at FROM admin_tokens;
DROP TABLE admin_tokens;
ALTER TABLE admin_tokens_with_roles RENAME TO admin_tokens;
CREATE INDEX admin_tokens_of_tenant ON admin_tokens (tenant_id, id);

-- 1 is the token of the configuration.
INSERT INTO sequences VALUES ('admin_tokens', 1);
