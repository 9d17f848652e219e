/** The whole surface of the administration, below `/admin/v1`. */
import * as adminTokens from './admin-tokens.ts';
import * as apps from './apps.ts';
import * as emails from './emails.ts';
import * as groups from './groups.ts';
import * as keys from './keys.ts';
import * as records from './records.ts';
import { type Route, route } from './route.ts';
import * as services from './services.ts';
import * as tenants from './tenants.ts';
import * as webhooks from './webhooks.ts';
import { whoami } from './whoami.ts';

export const ROUTES: readonly Route[] = [
  route('GET', '/whoami', 'whoami', whoami),

  route('GET', '/tenants', 'tenants:manage', tenants.listTenants),
  route('POST', '/tenants', 'tenants:manage', tenants.createTenant),
  route('GET', '/tenants/:tenant', 'configuration:read', tenants.getTenant),
  route('PATCH', '/tenants/:tenant', 'configuration:write', tenants.updateTenant),
  route('DELETE', '/tenants/:tenant', 'tenants:manage', tenants.deleteTenant),
  route(
    'POST',
    '/tenants/:tenant/client-token/rotate',
    'configuration:write',
    tenants.rotateTenantClientToken,
  ),

  route('GET', '/tenants/:tenant/services', 'configuration:read', services.listServices),
  route('POST', '/tenants/:tenant/services', 'configuration:write', services.createService),
  route('GET', '/tenants/:tenant/services/:service', 'configuration:read', services.getService),
  route('PATCH', '/tenants/:tenant/services/:service', 'configuration:write', services.updateService),
  route('DELETE', '/tenants/:tenant/services/:service', 'configuration:write', services.deleteService),
  route('POST', '/tenants/:tenant/services/:service/rotate', 'services:rotate', services.rotateService),

  route('GET', '/tenants/:tenant/services/:service/keys', 'configuration:read', keys.listKeys),
  route('POST', '/tenants/:tenant/services/:service/keys', 'configuration:write', keys.createKey),
  route('POST', '/tenants/:tenant/services/:service/keys/import', 'configuration:write', keys.importKeys),
  route('GET', '/tenants/:tenant/services/:service/keys/:id', 'configuration:read', keys.getKey),
  route('PATCH', '/tenants/:tenant/services/:service/keys/:id', 'configuration:write', keys.updateKey),
  route('DELETE', '/tenants/:tenant/services/:service/keys/:id', 'configuration:write', keys.deleteKey),
  route('POST', '/tenants/:tenant/services/:service/keys/:id/enable', 'switch:turn', keys.enableKey),
  route('POST', '/tenants/:tenant/services/:service/keys/:id/disable', 'switch:turn', keys.disableKey),
  route('POST', '/tenants/:tenant/services/:service/keys/:id/burn', 'keys:burn', keys.burnKey),
  route('GET', '/tenants/:tenant/services/:service/keys/:id/holders', 'deliveries:read', keys.listHolders),

  route('GET', '/tenants/:tenant/apps', 'configuration:read', apps.listApps),
  route('POST', '/tenants/:tenant/apps', 'configuration:write', apps.createApp),
  route('GET', '/tenants/:tenant/apps/:id', 'configuration:read', apps.getApp),
  route('PATCH', '/tenants/:tenant/apps/:id', 'configuration:write', apps.updateApp),
  route('DELETE', '/tenants/:tenant/apps/:id', 'configuration:write', apps.deleteApp),
  route('POST', '/tenants/:tenant/apps/:id/rotate-token', 'configuration:write', apps.rotateAppToken),
  route(
    'POST',
    '/tenants/:tenant/apps/:id/rotate-signing-secret',
    'configuration:write',
    apps.rotateSigningSecret,
  ),
  route('POST', '/tenants/:tenant/apps/:id/disable', 'switch:turn', apps.disableApp),
  route('POST', '/tenants/:tenant/apps/:id/enable', 'switch:turn', apps.enableApp),
  route('GET', '/tenants/:tenant/apps/:id/usage', 'usage:read', records.showAppUsage),

  route('GET', '/tenants/:tenant/groups', 'configuration:read', groups.listGroups),
  route('POST', '/tenants/:tenant/groups', 'configuration:write', groups.createGroup),
  route('GET', '/tenants/:tenant/groups/:group', 'configuration:read', groups.getGroup),
  route('PATCH', '/tenants/:tenant/groups/:group', 'configuration:write', groups.updateGroup),
  route('DELETE', '/tenants/:tenant/groups/:group', 'configuration:write', groups.deleteGroup),

  route('GET', '/tenants/:tenant/webhooks', 'configuration:read', webhooks.listWebhooks),
  route('POST', '/tenants/:tenant/webhooks', 'configuration:write', webhooks.createWebhook),
  route('GET', '/tenants/:tenant/webhooks/:id', 'configuration:read', webhooks.getWebhook),
  route('PATCH', '/tenants/:tenant/webhooks/:id', 'configuration:write', webhooks.updateWebhook),
  route('DELETE', '/tenants/:tenant/webhooks/:id', 'configuration:write', webhooks.deleteWebhook),
  route('POST', '/tenants/:tenant/webhooks/:id/rotate-secret', 'configuration:write', webhooks.rotateSecret),
  route('POST', '/tenants/:tenant/webhooks/:id/test', 'configuration:write', webhooks.testWebhook),
  route(
    'GET',
    '/tenants/:tenant/webhooks/:id/deliveries',
    'configuration:read',
    webhooks.listWebhookDeliveries,
  ),
  route(
    'POST',
    '/tenants/:tenant/webhooks/:id/deliveries/:delivery/replay',
    'configuration:write',
    webhooks.replayWebhookDelivery,
  ),

  route('GET', '/tenants/:tenant/emails', 'configuration:read', emails.listEmails),
  route('POST', '/tenants/:tenant/emails', 'configuration:write', emails.createEmail),
  route('GET', '/tenants/:tenant/emails/:id', 'configuration:read', emails.getEmail),
  route('PATCH', '/tenants/:tenant/emails/:id', 'configuration:write', emails.updateEmail),
  route('DELETE', '/tenants/:tenant/emails/:id', 'configuration:write', emails.deleteEmail),

  route('GET', '/admin-tokens', 'root-tokens:manage', adminTokens.listAdminTokens),
  route('POST', '/admin-tokens', 'root-tokens:manage', adminTokens.createRootToken),
  route('GET', '/admin-tokens/:id', 'root-tokens:manage', adminTokens.getAdminToken),
  route('DELETE', '/admin-tokens/:id', 'root-tokens:manage', adminTokens.deleteAdminToken),
  route('GET', '/tenants/:tenant/admin-tokens', 'admin-tokens:manage', adminTokens.listAdminTokens),
  route('POST', '/tenants/:tenant/admin-tokens', 'admin-tokens:manage', adminTokens.createAdminToken),
  route('GET', '/tenants/:tenant/admin-tokens/:id', 'admin-tokens:manage', adminTokens.getAdminToken),
  route('DELETE', '/tenants/:tenant/admin-tokens/:id', 'admin-tokens:manage', adminTokens.deleteAdminToken),

  route('GET', '/tenants/:tenant/services/:service/deliveries', 'deliveries:read', records.listDeliveries),
  route('GET', '/tenants/:tenant/usage', 'usage:read', records.showUsage),
  route('GET', '/tenants/:tenant/audit', 'audit:read', records.listAudit),
  route('GET', '/tenants/:tenant/audit/export', 'audit:read', records.exportAudit),
  route('GET', '/audit', 'vault-audit:read', records.listVaultAudit),
  route('GET', '/audit/export', 'vault-audit:read', records.exportVaultAudit),
];
