import { confirmedDeletion } from '../../contract/common.ts';
import { servicesQuery } from '../../contract/list-queries.ts';
import { newService, rotateServiceBody, servicePatch } from '../../contract/services.ts';
import { rotateService as rotate } from '../../operations/keys/rotate-service.ts';
import { requireService, type ServicePath } from '../../operations/services/find-service.ts';
import * as operations from '../../operations/services/services.ts';
import { type Call, created, handler, NO_CONTENT, ok, param } from './route.ts';
import { requireConfirmation } from './tenants.ts';

export const listServices = handler({
  list: true,
  query: servicesQuery,
  run: async (call) =>
    ok(await operations.listServices(call.context, param(call, 'tenant'), call.query, call.page)),
});

export const createService = handler({
  tagged: servicePatch,
  body: newService,
  run: async (call) => {
    const tenant = param(call, 'tenant');
    const service = await operations.createService(call.context, call.origin, tenant, call.body);
    return created(`/tenants/${tenant}/services/${service.slug}`, service);
  },
});

export const getService = handler({
  tagged: servicePatch,
  run: async (call) => ok(await operations.getService(call.context, servicePath(call))),
});

export const updateService = handler({
  tagged: servicePatch,
  body: servicePatch,
  run: async (call) =>
    ok(
      await operations.updateService(
        call.context,
        call.origin,
        servicePath(call),
        call.body,
        call.precondition,
      ),
    ),
});

export const deleteService = handler({
  query: confirmedDeletion,
  run: async (call) => {
    const path = servicePath(call);
    await requireService(call.context.engine.read, path);
    requireConfirmation(call.query.confirm, path.service);
    await operations.deleteService(call.context, call.origin, path, call.query.reason ?? null);
    return NO_CONTENT;
  },
});

export const rotateService = handler({
  body: rotateServiceBody,
  run: async (call) => ok(await rotate(call.context, call.origin, servicePath(call), call.body)),
});

/** The service that the path addresses. */
export function servicePath(call: Call<unknown, unknown>): ServicePath {
  return { tenant: param(call, 'tenant'), service: param(call, 'service') };
}
