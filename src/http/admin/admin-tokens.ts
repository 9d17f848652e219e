import { newAdminToken, newRootToken } from '../../contract/admin-tokens.ts';
import { deletion } from '../../contract/common.ts';
import { adminTokensQuery } from '../../contract/list-queries.ts';
import * as operations from '../../operations/tenants/admin-tokens.ts';
import { type Call, created, handler, idParam, NO_CONTENT, ok } from './route.ts';

export const listAdminTokens = handler({
  list: true,
  query: adminTokensQuery,
  run: async (call) =>
    ok(await operations.listAdminTokens(call.context, tenantOf(call), call.query, call.page)),
});

export const createAdminToken = handler({
  body: newAdminToken,
  run: async (call) => {
    const { context, origin, caller, body } = call;
    const tenant = tenantOf(call);
    const token = await operations.createAdminToken(context, origin, caller, tenant, body);
    return created(`/tenants/${tenant}/admin-tokens/${token.id}`, token);
  },
});

export const createRootToken = handler({
  body: newRootToken,
  run: async ({ context, origin, caller, body }) => {
    const token = await operations.createAdminToken(context, origin, caller, null, body);
    return created(`/admin-tokens/${token.id}`, token);
  },
});

export const getAdminToken = handler({
  run: async (call) => ok(await operations.getAdminToken(call.context, tenantOf(call), idParam(call, 'id'))),
});

export const deleteAdminToken = handler({
  query: deletion,
  run: async (call) => {
    const { context, origin, query } = call;
    const id = idParam(call, 'id');
    await operations.deleteAdminToken(context, origin, tenantOf(call), id, query.reason ?? null);
    return NO_CONTENT;
  },
});

/** Null where the path is that of root's own tokens. */
function tenantOf({ params }: Call<unknown, unknown>): string | null {
  return params.tenant ?? null;
}
