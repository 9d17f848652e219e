-- Groups of services: an app in a group reaches the group's services.
CREATE TABLE groups (
  id         bigint PRIMARY KEY,
  tenant_id  bigint NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  slug       text COLLATE "C" NOT NULL,
  name       text NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  UNIQUE (tenant_id, slug)
);
CREATE TABLE group_services (
  group_id   bigint NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  service_id bigint NOT NULL REFERENCES services (id) ON DELETE CASCADE,
  PRIMARY KEY (group_id, service_id)
);
CREATE INDEX group_services_by_service ON group_services (service_id);
CREATE TABLE app_groups (
  app_id   bigint NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  group_id bigint NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  PRIMARY KEY (app_id, group_id)
);
CREATE INDEX app_groups_by_group ON app_groups (group_id);
