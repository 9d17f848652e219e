/** Every job of the service, and when it is woken. */
import type { RefusalRecorder } from '../operations/record-refusals.ts';
import type { WebhookDispatcher } from '../operations/send-webhooks.ts';
import type { Vault } from '../operations/vault.ts';
import * as enableDue from './enable-due.ts';
import * as expireKeys from './expire-keys.ts';
import * as prune from './prune.ts';
import * as recordRefusals from './record-refusals.ts';
import type { Job } from './schedule.ts';
import * as sendWebhooks from './send-webhooks.ts';
import * as tidyStorage from './tidy-storage.ts';

export interface JobsContext {
  readonly vault: Vault;
  readonly dispatcher: WebhookDispatcher;
  readonly refusals: RefusalRecorder;
  readonly retentionDays: number;
}

export function jobsOf({ vault, dispatcher, refusals, retentionDays }: JobsContext): Job[] {
  const time = () => vault.engine.time();
  return [
    { name: 'send-webhooks', schedule: '* * * * * *', runOnce: () => sendWebhooks.runOnce(dispatcher) },
    {
      name: 'record-refusals',
      schedule: '*/5 * * * * *',
      runOnce: () => recordRefusals.runOnce(vault, refusals),
    },
    { name: 'expire-keys', schedule: '*/10 * * * * *', runOnce: () => expireKeys.runOnce(vault, time()) },
    { name: 'enable-due', schedule: '* * * * * *', runOnce: () => enableDue.runOnce(vault, time()) },
    { name: 'tidy-storage', schedule: '30 * * * * *', runOnce: () => tidyStorage.runOnce(vault) },
    { name: 'prune', schedule: '0 17 * * * *', runOnce: () => prune.runOnce(vault, retentionDays, time()) },
  ];
}
