import { deletion, nothing } from '../../contract/common.ts';
import { webhooksQuery } from '../../contract/list-queries.ts';
import { newWebhook, rotateWebhookSecret, webhookPatch } from '../../contract/webhooks.ts';
import { rotateWebhookSecret as rotateOperation } from '../../operations/webhooks/rotate-webhook-secret.ts';
import { testWebhook as testOperation } from '../../operations/webhooks/test-webhook.ts';
import * as deliveries from '../../operations/webhooks/webhook-deliveries.ts';
import * as operations from '../../operations/webhooks/webhooks.ts';
import { created, handler, idParam, NO_CONTENT, ok, param } from './route.ts';

export const listWebhooks = handler({
  list: true,
  query: webhooksQuery,
  run: async (call) =>
    ok(await operations.listWebhooks(call.context, param(call, 'tenant'), call.query, call.page)),
});

export const createWebhook = handler({
  tagged: webhookPatch,
  body: newWebhook,
  run: async (call) => {
    const tenant = param(call, 'tenant');
    const webhook = await operations.createWebhook(call.context, call.origin, tenant, call.body);
    return created(`/tenants/${tenant}/webhooks/${webhook.id}`, webhook);
  },
});

export const getWebhook = handler({
  tagged: webhookPatch,
  run: async (call) =>
    ok(await operations.getWebhook(call.context, param(call, 'tenant'), idParam(call, 'id'))),
});

export const updateWebhook = handler({
  tagged: webhookPatch,
  body: webhookPatch,
  run: async (call) => {
    const [tenant, id] = [param(call, 'tenant'), idParam(call, 'id')];
    return ok(
      await operations.updateWebhook(call.context, call.origin, tenant, id, call.body, call.precondition),
    );
  },
});

export const deleteWebhook = handler({
  query: deletion,
  run: async (call) => {
    const [tenant, id] = [param(call, 'tenant'), idParam(call, 'id')];
    await operations.deleteWebhook(call.context, call.origin, tenant, id, call.query.reason ?? null);
    return NO_CONTENT;
  },
});

export const rotateSecret = handler({
  body: rotateWebhookSecret,
  run: async (call) => {
    const [tenant, id] = [param(call, 'tenant'), idParam(call, 'id')];
    return ok(await rotateOperation(call.context, call.origin, tenant, id, call.body.grace_seconds));
  },
});

/** Taken, and sent by the way that all events go. */
export const testWebhook = handler({
  body: nothing,
  run: async (call) => ({
    status: 202,
    body: await testOperation(call.context, call.origin, param(call, 'tenant'), idParam(call, 'id')),
  }),
});

export const listWebhookDeliveries = handler({
  list: true,
  run: async (call) => {
    const [tenant, id] = [param(call, 'tenant'), idParam(call, 'id')];
    return ok(await deliveries.listWebhookDeliveries(call.context, tenant, id, call.page));
  },
});

/** Taken, and sent by the way that all events go. */
export const replayWebhookDelivery = handler({
  body: nothing,
  run: async (call) => {
    const [tenant, id, delivery] = [param(call, 'tenant'), idParam(call, 'id'), idParam(call, 'delivery')];
    const { context, origin } = call;
    const body = await deliveries.replayWebhookDelivery(context, origin, tenant, id, delivery);
    return { status: 202, body };
  },
});
