-- Groups of services: an app in a group reaches the group's services.
CREATE TABLE groups (
  id         INTEGER PRIMARY KEY,
  tenant_id  INTEGER NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  slug       TEXT NOT NULL,
  name       TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (tenant_id, slug)
) STRICT;
CREATE TABLE group_services (
  group_id   INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  service_id INTEGER NOT NULL REFERENCES services (id) ON DELETE CASCADE,
  PRIMARY KEY (group_id, service_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_services_by_service ON group_services (service_id);
CREATE TABLE app_groups (
  app_id   INTEGER NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  group_id INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  PRIMARY KEY (app_id, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX app_groups_by_group ON app_groups (group_id);
