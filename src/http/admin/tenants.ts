import { confirmedDeletion } from '../../contract/common.ts';
import { tenantsQuery } from '../../contract/list-queries.ts';
import { newTenant, rotateClientToken, tenantPatch } from '../../contract/tenants.ts';
import { Problem } from '../../domain/problem.ts';
import { may } from '../../domain/roles.ts';
import * as operations from '../../operations/tenants/tenants.ts';
import { created, handler, NO_CONTENT, ok, param } from './route.ts';

export const listTenants = handler({
  list: true,
  query: tenantsQuery,
  run: async ({ context, query, page }) => ok(await operations.listTenants(context, query, page)),
});

export const createTenant = handler({
  tagged: tenantPatch,
  body: newTenant,
  run: async ({ context, origin, body }) =>
    created(`/tenants/${body.slug}`, await operations.createTenant(context, origin, body)),
});

export const getTenant = handler({
  tagged: tenantPatch,
  run: async (call) => ok(await operations.getTenant(call.context, param(call, 'tenant'))),
});

const ROOTS = ['status', 'demo'] as const;

export const updateTenant = handler({
  tagged: tenantPatch,
  body: tenantPatch,
  run: async (call) => {
    const { context, origin, caller, body, precondition } = call;
    const roots = ROOTS.filter((member) => body[member] !== undefined);
    if (roots.length > 0 && !may(caller.role, 'tenants:manage')) {
      throw new Problem('forbidden', `Only root changes ${roots.join(' and ')} of a tenant.`);
    }
    return ok(await operations.updateTenant(context, origin, param(call, 'tenant'), body, precondition));
  },
});

export const deleteTenant = handler({
  query: confirmedDeletion,
  run: async (call) => {
    const slug = param(call, 'tenant');
    await operations.requireTenant(call.context.engine.read, slug);
    requireConfirmation(call.query.confirm, slug);
    await operations.deleteTenant(call.context, call.origin, slug, call.query.reason ?? null);
    return NO_CONTENT;
  },
});

export function requireConfirmation(confirm: string | undefined, slug: string): void {
  if (confirm === slug) return;
  const detail = `add ?confirm=${slug} to delete it with everything in it`;
  throw new Problem(
    'unprocessable',
    'The query parameter confirm is not the slug of what is to be deleted.',
    [{ pointer: '/confirm', detail }],
  );
}

export const rotateTenantClientToken = handler({
  body: rotateClientToken,
  run: async (call) =>
    ok(
      await operations.rotateClientToken(
        call.context,
        call.origin,
        param(call, 'tenant'),
        call.body.grace_seconds,
      ),
    ),
});
