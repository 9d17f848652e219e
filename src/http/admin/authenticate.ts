/** Who is calling the administration, and whether that is enough for what is asked. */
import type { IncomingMessage } from 'node:http';
import type { Request, Response } from 'express';
import { type Address, clientNetwork } from '../../domain/network.ts';
import { notFound, Problem } from '../../domain/problem.ts';
import { may, rolesThatMay } from '../../domain/roles.ts';
import {
  type AdminCaller,
  type AdminRefusal,
  authenticateAdmin,
} from '../../operations/tenants/authenticate-admin.ts';
import type { FailedAuthentications } from '../failed-authentications.ts';
import { countHeader } from '../header-fields.ts';
import { REQUEST_ID } from '../server.ts';
import type { AdministrationPace } from './administration-pace.ts';
import type { AdminContext, Route } from './route.ts';

export interface AuthenticationContext extends AdminContext {
  readonly failedAuthentications: FailedAuthentications;
  readonly administrationPace: AdministrationPace;
  addressOf(request: IncomingMessage): Address | null;
}

const REFUSALS: Readonly<Record<AdminRefusal, string>> = {
  expired: 'The admin token has expired.',
  suspended: 'The tenant of this admin token is suspended.',
  address: 'This admin token may not be used from this address.',
};

/** Leaves the caller in `response.locals`, when it is its tenant's turn; throws a Problem where there is none. */
export async function authenticate(
  context: AuthenticationContext,
  request: Request,
  response: Response,
): Promise<void> {
  if (countHeader(request, 'authorization') > 1) {
    throw new Problem('invalid request', 'Send one Authorization header.');
  }
  const address = context.addressOf(request);
  const token = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const caller = token === undefined ? null : await authenticateAdmin(context, token, address);
  const network = clientNetwork(address);
  if (caller === 'address') {
    await context.failedAuthentications.turn(network);
    throw new Problem('forbidden', REFUSALS.address);
  }
  if (caller !== null && typeof caller !== 'string') {
    response.locals.caller = caller;
    response.locals.origin = {
      actor: caller.actor,
      ip: address === null ? null : address.text,
      request_id: request[REQUEST_ID] ?? null,
    };
    await context.administrationPace.waitForRequest(caller);
    return;
  }
  await throttle(context, network, response);
  response.set('WWW-Authenticate', 'Bearer realm="keyrotator"');
  throw new Problem('unauthorized', explain(token, caller));
}

/**
 * Throws unless the caller may. What belongs to another tenant is not found, whether it is there or not, before anything
 * else is looked at.
 */
export function authorize(
  caller: AdminCaller,
  route: Route,
  params: Readonly<Record<string, unknown>>,
): void {
  if (caller.tenant !== null && params.tenant !== undefined && params.tenant !== caller.tenant.slug) {
    throw notFound();
  }
  if (may(caller.role, route.permission)) return;
  throw new Problem(
    'forbidden',
    `This takes a token of ${rolesThatMay(route.permission)}; this one is of ${caller.role}.`,
  );
}

async function throttle(
  { engine, failedAuthentications }: AuthenticationContext,
  network: string,
  response: Response,
): Promise<void> {
  const wait = failedAuthentications.charge(network, engine.time().now);
  await failedAuthentications.turn(network);
  if (wait === 0) return;
  response.set('Retry-After', String(wait));
  throw new Problem('rate limit exceeded', `Too many failed authentications: try again in ${wait} s.`);
}

function explain(token: string | undefined, refusal: AdminRefusal | null): string {
  if (refusal !== null) return REFUSALS[refusal];
  return token === undefined
    ? 'Send an admin token: Authorization: Bearer <admin token>.'
    : 'The admin token is not valid.';
}
