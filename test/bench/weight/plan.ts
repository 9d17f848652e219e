/** What `--weight` is to measure, and how large its data sets are. */
import type { Shape } from '../dataset/shape.ts';

export const PARTS = ['keys', 'history', 'import', 'neighbours', 'export', 'soak'] as const;
export type PartName = (typeof PARTS)[number];

export interface WeightPlan {
  readonly parts: readonly PartName[];
  /** How long the soak takes. */
  readonly soakSeconds: number;
  /** The data sets are smaller by this factor than those that the targets are for. */
  readonly smaller: number;
  /** Where the data sets stay for another run; null: they go with the run. */
  readonly data: string | null;
  /** A PostgreSQL to take, on which the data sets stay for another run; null: one is started for the run. */
  readonly server: string | null;
}

const TENANTS = 1_000;
const SERVICES = 100_000;
const KEYS = 1_000_000;
const DELIVERIES = 10_000_000;
const TOUCHED = 10_000;
const IMPORTED = 50_000;
const AUDIT_ENTRIES = 1_000_000;
const NO_HISTORY = { deliveries: 0, days: 30 };

/** A million keys, of as many in a service as {@link small} has. */
export function many({ smaller }: WeightPlan): Shape {
  const tenants = Math.max(1, Math.round(TENANTS / smaller));
  const services = (tenants * SERVICES) / TENANTS;
  return { tenants, services, keys: (services * KEYS) / SERVICES, ...NO_HISTORY };
}

/** One hot service. */
export const SMALL: Shape = { tenants: 1, services: 1, keys: KEYS / SERVICES, ...NO_HISTORY };

/** A thousand services without a history. */
export function withoutHistory({ smaller }: WeightPlan): Shape {
  const tenants = Math.max(2, Math.round(TENANTS / 10 / smaller));
  return { tenants, services: tenants * 10, keys: tenants * 100, ...NO_HISTORY };
}

/** The same with one. */
export function withHistory(plan: WeightPlan): Shape {
  return { ...withoutHistory(plan), deliveries: Math.round(DELIVERIES / plan.smaller) };
}

/** How many keys are imported in one request. */
export function imported({ smaller }: WeightPlan): number {
  return Math.max(1_000, Math.round(IMPORTED / smaller));
}

/** How many audit entries an export has. */
export function auditEntries({ smaller }: WeightPlan): number {
  return Math.max(1_000, Math.round(AUDIT_ENTRIES / smaller));
}

/** How many services are asked for in turns. */
export function touched(plan: WeightPlan): number {
  return Math.min(TOUCHED, many(plan).services);
}

/** Throws an error that says what is wrong. */
export function readParts(text: string | undefined, soak: boolean): readonly PartName[] {
  if (text === undefined) return PARTS.filter((part) => part !== 'soak' || soak);
  return text.split(',').map((name) => {
    const part = PARTS.find((each) => each === name);
    if (part === undefined) throw new Error(`--only takes ${PARTS.join(', ')}, separated by commas`);
    return part;
  });
}
