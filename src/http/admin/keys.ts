import { deletion } from '../../contract/common.ts';
import { burnKeyBody, disableKeyBody, enableKeyBody, keyPatch, newKey } from '../../contract/keys.ts';
import { keysQuery } from '../../contract/list-queries.ts';
import { burnKey as burn } from '../../operations/keys/burn-key.ts';
import { disableKey as disable } from '../../operations/keys/disable-key.ts';
import { enableKey as enable } from '../../operations/keys/enable-key.ts';
import { importKeys as importMany } from '../../operations/keys/import-keys.ts';
import type { ImportBody } from '../../operations/keys/import-rows.ts';
import * as operations from '../../operations/keys/keys.ts';
import { listHolders as holders } from '../../operations/keys/list-holders.ts';
import type { KeyPath } from '../../operations/services/find-service.ts';
import { type Call, created, handler, idParam, NO_CONTENT, ok } from './route.ts';
import { servicePath } from './services.ts';

const MAX_IMPORT_BYTES = 64 * 1024 * 1024;

export const listKeys = handler({
  list: true,
  query: keysQuery,
  run: async (call) => ok(await operations.listKeys(call.context, servicePath(call), call.query, call.page)),
});

export const createKey = handler({
  tagged: keyPatch,
  body: newKey,
  run: async (call) => {
    const path = servicePath(call);
    const key = await operations.createKey(call.context, call.origin, path, call.body);
    return created(`/tenants/${path.tenant}/services/${path.service}/keys/${key.id}`, key);
  },
});

export const getKey = handler({
  tagged: keyPatch,
  run: async (call) => ok(await operations.getKey(call.context, keyPath(call))),
});

export const updateKey = handler({
  tagged: keyPatch,
  body: keyPatch,
  run: async (call) =>
    ok(await operations.updateKey(call.context, call.origin, keyPath(call), call.body, call.precondition)),
});

export const deleteKey = handler({
  query: deletion,
  run: async (call) => {
    await operations.deleteKey(call.context, call.origin, keyPath(call), call.query.reason ?? null);
    return NO_CONTENT;
  },
});

export const enableKey = handler({
  body: enableKeyBody,
  run: async (call) => ok(await enable(call.context, call.origin, keyPath(call))),
});

export const disableKey = handler({
  body: disableKeyBody,
  run: async (call) => ok(await disable(call.context, call.origin, keyPath(call), call.body)),
});

export const burnKey = handler({
  body: burnKeyBody,
  run: async (call) => ok(await burn(call.context, call.origin, keyPath(call), call.body)),
});

export const listHolders = handler({
  list: 'by place',
  run: async (call) => ok(await holders(call.context, keyPath(call), call.page)),
});

export const importKeys = handler({
  maxBodyBytes: MAX_IMPORT_BYTES,
  units: 'many',
  run: async (call) => {
    // What the router gives where no schema takes the body.
    const body: unknown = call.body;
    return ok(await importMany(call.context, call.origin, servicePath(call), body as ImportBody));
  },
});

function keyPath(call: Call<unknown, unknown>): KeyPath {
  return { ...servicePath(call), key: idParam(call, 'id') };
}
