/** The whole surface of the administration, below `/admin/v1`. */
import * as apps from './apps.ts';
import * as keys from './keys.ts';
import * as records from './records.ts';
import { type Route, route } from './route.ts';
import * as services from './services.ts';
import * as tenants from './tenants.ts';
import * as webhooks from './webhooks.ts';
import { whoami } from './whoami.ts';

export const ROUTES: readonly Route[] = [
  route('GET', '/whoami', whoami),

  route('GET', '/tenants', tenants.listTenants),
  route('POST', '/tenants', tenants.createTenant),
  route('GET', '/tenants/:tenant', tenants.getTenant),
  route('PATCH', '/tenants/:tenant', tenants.updateTenant),
  route('DELETE', '/tenants/:tenant', tenants.deleteTenant),
  route('POST', '/tenants/:tenant/client-token/rotate', tenants.rotateTenantClientToken),

  route('GET', '/tenants/:tenant/services', services.listServices),
  route('POST', '/tenants/:tenant/services', services.createService),
  route('GET', '/tenants/:tenant/services/:service', services.getService),
  route('PATCH', '/tenants/:tenant/services/:service', services.updateService),
  route('DELETE', '/tenants/:tenant/services/:service', services.deleteService),
  route('POST', '/tenants/:tenant/services/:service/rotate', services.rotateService),

  route('GET', '/tenants/:tenant/services/:service/keys', keys.listKeys),
  route('POST', '/tenants/:tenant/services/:service/keys', keys.createKey),
  route('POST', '/tenants/:tenant/services/:service/keys/import', keys.importKeys),
  route('GET', '/tenants/:tenant/services/:service/keys/:id', keys.getKey),
  route('PATCH', '/tenants/:tenant/services/:service/keys/:id', keys.updateKey),
  route('DELETE', '/tenants/:tenant/services/:service/keys/:id', keys.deleteKey),
  route('POST', '/tenants/:tenant/services/:service/keys/:id/enable', keys.enableKey),
  route('POST', '/tenants/:tenant/services/:service/keys/:id/disable', keys.disableKey),

  route('GET', '/tenants/:tenant/apps', apps.listApps),
  route('POST', '/tenants/:tenant/apps', apps.createApp),
  route('GET', '/tenants/:tenant/apps/:id', apps.getApp),
  route('PATCH', '/tenants/:tenant/apps/:id', apps.updateApp),
  route('DELETE', '/tenants/:tenant/apps/:id', apps.deleteApp),
  route('POST', '/tenants/:tenant/apps/:id/rotate-token', apps.rotateAppToken),
  route('POST', '/tenants/:tenant/apps/:id/disable', apps.disableApp),
  route('POST', '/tenants/:tenant/apps/:id/enable', apps.enableApp),
  route('GET', '/tenants/:tenant/apps/:id/usage', records.showAppUsage),

  route('GET', '/tenants/:tenant/webhooks', webhooks.listWebhooks),
  route('POST', '/tenants/:tenant/webhooks', webhooks.createWebhook),
  route('GET', '/tenants/:tenant/webhooks/:id', webhooks.getWebhook),
  route('PATCH', '/tenants/:tenant/webhooks/:id', webhooks.updateWebhook),
  route('DELETE', '/tenants/:tenant/webhooks/:id', webhooks.deleteWebhook),

  route('GET', '/tenants/:tenant/services/:service/deliveries', records.listDeliveries),
  route('GET', '/tenants/:tenant/usage', records.showUsage),
  route('GET', '/tenants/:tenant/audit', records.listAudit),
];
