import {
  appPatch,
  disableApp as disableBody,
  newApp,
  rotateAppToken as rotateBody,
  rotateSigningSecret as rotateSecretBody,
} from '../../contract/apps.ts';
import { deletion, nothing } from '../../contract/common.ts';
import { appsQuery } from '../../contract/list-queries.ts';
import * as operations from '../../operations/apps/apps.ts';
import * as secrets from '../../operations/apps/rotate-app-secrets.ts';
import * as switching from '../../operations/apps/switch-app.ts';
import { created, handler, idParam, NO_CONTENT, ok, param } from './route.ts';

export const listApps = handler({
  list: true,
  query: appsQuery,
  run: async (call) =>
    ok(await operations.listApps(call.context, param(call, 'tenant'), call.query, call.page)),
});

export const createApp = handler({
  tagged: appPatch,
  body: newApp,
  run: async (call) => {
    const tenant = param(call, 'tenant');
    const app = await operations.createApp(call.context, call.origin, tenant, call.body);
    return created(`/tenants/${tenant}/apps/${app.id}`, app);
  },
});

export const getApp = handler({
  tagged: appPatch,
  run: async (call) => ok(await operations.getApp(call.context, param(call, 'tenant'), idParam(call, 'id'))),
});

export const updateApp = handler({
  tagged: appPatch,
  body: appPatch,
  run: async (call) => {
    const [tenant, id] = [param(call, 'tenant'), idParam(call, 'id')];
    return ok(
      await operations.updateApp(call.context, call.origin, tenant, id, call.body, call.precondition),
    );
  },
});

export const deleteApp = handler({
  query: deletion,
  run: async (call) => {
    const [tenant, id] = [param(call, 'tenant'), idParam(call, 'id')];
    await operations.deleteApp(call.context, call.origin, tenant, id, call.query.reason ?? null);
    return NO_CONTENT;
  },
});

export const rotateAppToken = handler({
  body: rotateBody,
  run: async (call) => {
    const [tenant, id] = [param(call, 'tenant'), idParam(call, 'id')];
    return ok(await secrets.rotateAppToken(call.context, call.origin, tenant, id, call.body.grace_seconds));
  },
});

export const rotateSigningSecret = handler({
  body: rotateSecretBody,
  run: async (call) => {
    const [tenant, id] = [param(call, 'tenant'), idParam(call, 'id')];
    const { grace_seconds: grace } = call.body;
    return ok(await secrets.rotateSigningSecret(call.context, call.origin, tenant, id, grace));
  },
});

export const disableApp = handler({
  body: disableBody,
  run: async (call) => {
    const [tenant, id] = [param(call, 'tenant'), idParam(call, 'id')];
    const { reason: why, auto_enable_after_seconds: after } = call.body;
    return ok(await switching.disableApp(call.context, call.origin, tenant, id, why, after));
  },
});

export const enableApp = handler({
  body: nothing,
  run: async (call) => {
    const [tenant, id] = [param(call, 'tenant'), idParam(call, 'id')];
    return ok(await switching.enableApp(call.context, call.origin, tenant, id));
  },
});
