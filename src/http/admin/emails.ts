import { deletion } from '../../contract/common.ts';
import { emailPatch, newEmail } from '../../contract/emails.ts';
import { emailsQuery } from '../../contract/list-queries.ts';
import * as operations from '../../operations/emails/emails.ts';
import { created, handler, idParam, NO_CONTENT, ok, param } from './route.ts';

export const listEmails = handler({
  list: true,
  query: emailsQuery,
  run: async (call) =>
    ok(await operations.listEmails(call.context, param(call, 'tenant'), call.query, call.page)),
});

export const createEmail = handler({
  tagged: emailPatch,
  body: newEmail,
  run: async (call) => {
    const tenant = param(call, 'tenant');
    const email = await operations.createEmail(call.context, call.origin, tenant, call.body);
    return created(`/tenants/${tenant}/emails/${email.id}`, email);
  },
});

export const getEmail = handler({
  tagged: emailPatch,
  run: async (call) =>
    ok(await operations.getEmail(call.context, param(call, 'tenant'), idParam(call, 'id'))),
});

export const updateEmail = handler({
  tagged: emailPatch,
  body: emailPatch,
  run: async (call) => {
    const [tenant, id] = [param(call, 'tenant'), idParam(call, 'id')];
    return ok(
      await operations.updateEmail(call.context, call.origin, tenant, id, call.body, call.precondition),
    );
  },
});

export const deleteEmail = handler({
  query: deletion,
  run: async (call) => {
    const [tenant, id] = [param(call, 'tenant'), idParam(call, 'id')];
    await operations.deleteEmail(call.context, call.origin, tenant, id, call.query.reason ?? null);
    return NO_CONTENT;
  },
});
