/** The whole surface of the administration, below `/admin/v1`. */
import * as apps from './apps.ts';
import * as records from './records.ts';
import { type Route, route } from './route.ts';
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
