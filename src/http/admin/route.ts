/** What a route of the administration is: a method, a path, who may, what it takes, and what it does. */
import type { z } from 'zod';
import type { Origin } from '../../audit/entry.ts';
import type { Permission } from '../../domain/roles.ts';
import type { EmailVault } from '../../operations/emails/emails.ts';
import type { Page } from '../../operations/paging.ts';
import type { Precondition } from '../../operations/precondition.ts';
import type { AdminCaller } from '../../operations/tenants/authenticate-admin.ts';
import type { AddressGuard } from '../../webhooks/address-guard.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface AdminContext extends EmailVault {
  readonly guard: AddressGuard;
}

/** A call of a route: parameters of the path, the checked query and body, and who is calling. */
export interface Call<Q = unknown, B = unknown> {
  readonly context: AdminContext;
  readonly origin: Origin;
  readonly caller: AdminCaller;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  readonly body: B;
  readonly page: Page;
  /** Of a PATCH: what If-Match asks for. */
  readonly precondition: Precondition;
}

export interface Reply {
  readonly status: 200 | 201 | 202 | 204;
  readonly body?: object;
  /** In place of a body: a file that is sent as it comes. */
  readonly file?: {
    readonly type: string;
    readonly name: string;
    readonly parts: AsyncIterable<string | Uint8Array>;
  };
  /** The path of what was created, below `/admin/v1`. */
  readonly location?: string;
}

/** What a handler takes and does; the path stands in routes.ts. */
export interface Handler {
  readonly query?: z.ZodType;
  /** It answers a page of a list, and takes limit and cursor. `by place`: in the order of an id and a text. */
  readonly list?: true | 'by place';
  readonly body?: z.ZodType;
  /** How many rows its answer has, where they may be more than those of the longest page. */
  readonly rows?: (body: object) => number;
  /** What PATCH takes of the thing that is answered: the answer has an entity tag of these members. */
  readonly tagged?: z.ZodObject;
  /** Takes the body as it came instead of JSON, up to so many bytes. */
  readonly maxBodyBytes?: number;
  /** Of a POST: whether all that it does is one unit; that is so unless it says `many`. */
  readonly units?: 'many';
  readonly run: (call: Call) => Promise<Reply>;
}

/** Ties the types of a handler's query and body to its `run`. */
export function handler<
  Q extends z.ZodType = z.ZodUndefined,
  B extends z.ZodType = z.ZodUndefined,
>(definition: {
  readonly query?: Q;
  readonly list?: true | 'by place';
  readonly rows?: (body: object) => number;
  readonly body?: B;
  readonly tagged?: z.ZodObject;
  readonly maxBodyBytes?: number;
  readonly units?: 'many';
  readonly run: (call: Call<z.output<Q>, z.output<B>>) => Promise<Reply>;
}): Handler {
  return definition as Handler;
}

export interface Route extends Handler {
  readonly method: Method;
  /** What a caller must be permitted; below `/tenants/:tenant`, in its own tenant. */
  readonly permission: Permission;
  /** Below `/admin/v1`, with `:name` for a parameter. */
  readonly path: string;
}

export function route(method: Method, path: string, permission: Permission, definition: Handler): Route {
  return { method, path, permission, ...definition };
}

/** The parameter of the path, which the route's own path promises. */
export function param(call: Call<unknown, unknown>, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`the route has no parameter ${name}`);
  return value;
}

/** An id in the path; null for what cannot be one, which then is not found. */
export function idParam(call: Call<unknown, unknown>, name: string): number | null {
  const value = param(call, name);
  return /^[1-9]\d{0,15}$/.test(value) && Number.isSafeInteger(Number(value)) ? Number(value) : null;
}

export function ok(body: object): Reply {
  return { status: 200, body };
}

export function created(location: string, body: object): Reply {
  return { status: 201, location, body };
}

export const NO_CONTENT: Reply = { status: 204 };
