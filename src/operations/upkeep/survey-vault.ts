/** What an operator asks of the whole vault, over all tenants and naming none: limits, keys, webhooks, room. */
import {
  countBrokenKeys,
  countEndpoints,
  countLimitsUsed,
  countRetriesDue,
  type EndpointState,
  type LimitsUsed,
  oldestUntaken,
} from '../../storage/tables/survey.ts';
import type { Space } from '../../storage/vitals.ts';
import type { Vault } from '../vault/vault.ts';

export interface Survey {
  readonly limits: { readonly service: LimitsUsed; readonly app: LimitsUsed };
  readonly brokenKeys: number;
  readonly endpoints: Readonly<Record<EndpointState, number>>;
  readonly retriesDue: number;
  /** Seconds since the oldest event happened that is not taken yet; 0 where there is none. */
  readonly webhookLag: number;
  readonly space: Space;
}

/** Asks one question after the other, so that others who read have their turn between. Rejects with a StorageError. */
export async function surveyVault({ engine }: Vault): Promise<Survey> {
  const { read } = engine;
  const { now, settled } = engine.time();
  const service = await countLimitsUsed(read, 'service', settled);
  const app = await countLimitsUsed(read, 'app', settled);
  const brokenKeys = await countBrokenKeys(read);
  const endpoints = await countEndpoints(read, now);
  const retriesDue = await countRetriesDue(read, now);
  const oldest = await oldestUntaken(read);
  return {
    limits: { service, app },
    brokenKeys,
    endpoints,
    retriesDue,
    webhookLag: oldest === null ? 0 : Math.max(0, now - oldest) / 1000,
    space: await engine.space(),
  };
}
