import type { Tally } from './rounds.ts';

/** How the load's count of deliveries and the vault's go together. */
export interface CountCheck {
  readonly seen: number;
  readonly atMost: number;
  readonly counted: number;
  readonly keys: readonly number[];
  readonly isExact: boolean;
}

/** The vault counts what the load saw, and at most what was cut off besides; its keys share it evenly, and leave nothing over. */
export function checkCount(tally: Tally, usage: { service: number; keys: readonly number[] }): CountCheck {
  const { service: counted, keys } = usage;
  const seen = tally.delivered;
  const atMost = seen + tally.cutOff;
  const sum = keys.reduce((total, count) => total + count, 0);
  const isEven = Math.max(...keys) - Math.min(...keys) <= 1;
  return {
    seen,
    atMost,
    counted,
    keys,
    isExact: counted >= seen && counted <= atMost && sum === counted && isEven,
  };
}
