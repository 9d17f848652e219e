import { handler, ok } from './route.ts';

export const whoami = handler({
  run: async ({ origin }) => ok({ name: origin.actor.name, role: origin.actor.role, tenant: null }),
});
