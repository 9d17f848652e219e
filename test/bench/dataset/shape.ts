/** What a data set consists of, and what things in it are called. Nothing in it is secret: its keys are made up. */
import { hash } from 'node:crypto';
import type { Policy } from '../../../src/domain/policy.ts';

export interface Shape {
  readonly tenants: number;
  /** In all tenants together, the same number in each. */
  readonly services: number;
  /** In all services together, the same number in each. */
  readonly keys: number;
  /** On record, spread over the last `days`: half of them of the first service of all, the hot one. */
  readonly deliveries: number;
  readonly days: number;
}

/** What asks for a key: the same in each tenant. */
export interface DatasetToken {
  readonly tenant: string;
  readonly clientToken: string;
  readonly appToken: string;
}

const POLICIES: readonly Policy[] = ['usage', 'manual', 'failover', 'time'];
/** Longer than any run, so that no service rotates in it. */
const ROTATE_MINUTES = 43_200;

/** What the slug of every tenant of a data set is like, for SQL. */
export const TENANT_SLUGS = 'tenant-%';

export function tenantSlug(number: number): string {
  return `tenant-${String(number).padStart(4, '0')}`;
}

export function serviceSlug(number: number): string {
  return `service-${String(number).padStart(4, '0')}`;
}

/** What the administration takes for a service; the first of each tenant has the policy `usage`. */
export function newService(number: number) {
  const policy = POLICIES[(number - 1) % POLICIES.length] as Policy;
  return {
    slug: serviceSlug(number),
    policy,
    ...(policy === 'time' ? { rotate_every_minutes: ROTATE_MINUTES, on_expiry: 'cycle' } : {}),
  };
}

/** A provider key, the same each time, so that whoever is delivered one can tell whether it is right. */
export function keyText(tenant: string, service: string, number: number): string {
  return `sk-proj-${hash('sha256', `${tenant}/${service}/${number}`, 'base64url')}`;
}

/** Throws an error that says what is wrong. */
export function checkShape({ tenants, services, keys, deliveries }: Shape): void {
  if (services % tenants !== 0) throw new Error('services are to be a multiple of the tenants');
  if (keys % services !== 0) throw new Error('keys are to be a multiple of the services');
  if (deliveries > 0 && keys === 0) throw new Error('deliveries want keys');
}
