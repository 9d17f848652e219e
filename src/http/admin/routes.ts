/** The whole surface of the administration, below `/admin/v1`. */
import { type Route, route } from './route.ts';
import * as tenants from './tenants.ts';
import { whoami } from './whoami.ts';

export const ROUTES: readonly Route[] = [
  route('GET', '/whoami', whoami),

  route('GET', '/tenants', tenants.listTenants),
  route('POST', '/tenants', tenants.createTenant),
  route('GET', '/tenants/:tenant', tenants.getTenant),
  route('PATCH', '/tenants/:tenant', tenants.updateTenant),
  route('DELETE', '/tenants/:tenant', tenants.deleteTenant),
  route('POST', '/tenants/:tenant/client-token/rotate', tenants.rotateTenantClientToken),
];
