import { handler, ok } from './route.ts';

export const whoami = handler({
  run: async ({ caller }) =>
    ok({ name: caller.actor.name, role: caller.role, tenant: caller.tenant?.slug ?? null }),
});
