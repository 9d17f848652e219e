import { deletion } from '../../contract/common.ts';
import { groupPatch, newGroup } from '../../contract/groups.ts';
import { groupsQuery } from '../../contract/list-queries.ts';
import * as operations from '../../operations/services/groups.ts';
import { type Call, created, handler, NO_CONTENT, ok, param } from './route.ts';

export const listGroups = handler({
  list: true,
  query: groupsQuery,
  run: async (call) =>
    ok(await operations.listGroups(call.context, param(call, 'tenant'), call.query, call.page)),
});

export const createGroup = handler({
  tagged: groupPatch,
  body: newGroup,
  run: async (call) => {
    const tenant = param(call, 'tenant');
    const group = await operations.createGroup(call.context, call.origin, tenant, call.body);
    return created(`/tenants/${tenant}/groups/${group.slug}`, group);
  },
});

export const getGroup = handler({
  tagged: groupPatch,
  run: async (call) => ok(await operations.getGroup(call.context, groupPath(call))),
});

export const updateGroup = handler({
  tagged: groupPatch,
  body: groupPatch,
  run: async (call) => {
    const { context, origin, body, precondition } = call;
    return ok(await operations.updateGroup(context, origin, groupPath(call), body, precondition));
  },
});

export const deleteGroup = handler({
  query: deletion,
  run: async (call) => {
    await operations.deleteGroup(call.context, call.origin, groupPath(call), call.query.reason ?? null);
    return NO_CONTENT;
  },
});

function groupPath(call: Call<unknown, unknown>): operations.GroupPath {
  return { tenant: param(call, 'tenant'), group: param(call, 'group') };
}
