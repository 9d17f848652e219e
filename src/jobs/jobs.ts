/** Every job of the service, and when it is woken. */

import type { Mailing } from '../operations/emails/send-emails.ts';
import { DrainWatch } from '../operations/keys/drain-keys.ts';
import type { Retention } from '../operations/upkeep/prune.ts';
import type { DiskWatch } from '../operations/upkeep/watch-disk.ts';
import type { ActivityRecorder } from '../operations/usage/record-activity.ts';
import type { RefusalRecorder } from '../operations/usage/record-refusals.ts';
import type { Vault } from '../operations/vault/vault.ts';
import type { WebhookDispatcher } from '../operations/webhooks/send-webhooks.ts';
import * as drainKeys from './drain-keys.ts';
import * as enableDue from './enable-due.ts';
import * as expireKeys from './expire-keys.ts';
import * as prune from './prune.ts';
import * as pruneNonces from './prune-nonces.ts';
import * as recordActivity from './record-activity.ts';
import * as recordRefusals from './record-refusals.ts';
import * as recoverKeys from './recover-keys.ts';
import * as renewCertificate from './renew-certificate.ts';
import type { Job } from './schedule.ts';
import * as sendEmails from './send-emails.ts';
import * as sendWebhooks from './send-webhooks.ts';
import * as tellExpiring from './tell-expiring.ts';
import * as tidyStorage from './tidy-storage.ts';
import * as watchDisk from './watch-disk.ts';
import * as watchRefusals from './watch-refusals.ts';

export interface JobsContext {
  readonly vault: Vault;
  readonly dispatcher: WebhookDispatcher;
  readonly refusals: RefusalRecorder;
  readonly activity: ActivityRecorder;
  /** Null where no mail can be sent. */
  readonly mailing: Mailing | null;
  readonly disk: DiskWatch;
  readonly retention: Retention;
  /** Null without TLS. */
  readonly certificate: renewCertificate.Certificate | null;
}

export function jobsOf(context: JobsContext): Job[] {
  const { vault, dispatcher, refusals, activity, mailing, disk, retention, certificate } = context;
  /** What one replica does for all: `work` is given the vault in the name of the leader, and is not called elsewhere. */
  const once =
    (work: (leader: Vault, stopping: AbortSignal) => Promise<unknown>) => async (stopping: AbortSignal) => {
      const engine = await vault.engine.lead();
      if (engine !== null) await work({ ...vault, engine }, stopping);
    };
  const time = () => vault.engine.time();
  const drains = new DrainWatch();
  return [
    {
      name: 'send-webhooks',
      schedule: '* * * * * *',
      runOnce: once(({ engine }) => sendWebhooks.runOnce(dispatcher, engine)),
    },
    {
      name: 'record-refusals',
      schedule: '*/5 * * * * *',
      runOnce: () => recordRefusals.runOnce(vault, refusals),
    },
    {
      name: 'record-activity',
      schedule: '3-59/10 * * * * *',
      // On a disk that is nearly full there is room for deliveries alone.
      runOnce: async () => (refusals.paused ? undefined : recordActivity.runOnce(vault, activity)),
    },
    {
      name: 'watch-refusals',
      schedule: '20 * * * * *',
      runOnce: once((leader) => watchRefusals.runOnce(leader, time())),
    },
    {
      name: 'expire-keys',
      schedule: '*/10 * * * * *',
      runOnce: once((leader) => expireKeys.runOnce(leader, time())),
    },
    {
      name: 'recover-keys',
      schedule: '* * * * * *',
      runOnce: once((leader) => recoverKeys.runOnce(leader, time())),
    },
    {
      name: 'tell-expiring',
      schedule: '50 * * * * *',
      runOnce: once((leader) => tellExpiring.runOnce(leader, time())),
    },
    {
      name: 'enable-due',
      schedule: '* * * * * *',
      runOnce: once((leader) => enableDue.runOnce(leader, time())),
    },
    {
      name: 'drain-keys',
      schedule: '*/5 * * * * *',
      runOnce: once((leader) => drainKeys.runOnce(leader, drains, time())),
    },
    {
      name: 'watch-disk',
      schedule: '15 * * * * *',
      runOnce: () => watchDisk.runOnce(vault, disk),
    },
    { name: 'tidy-storage', schedule: '30 * * * * *', runOnce: () => tidyStorage.runOnce(vault) },
    {
      name: 'prune',
      schedule: '0 17 * * * *',
      // Whoever shortens what is kept, to make room, restarts for it and waits.
      atStart: true,
      runOnce: once((leader, stopping) => prune.runOnce(leader, retention, time(), stopping)),
    },
    {
      name: 'prune-nonces',
      schedule: '45 * * * * *',
      runOnce: once((leader, stopping) => pruneNonces.runOnce(leader, time(), stopping)),
    },
    ...(mailing === null
      ? []
      : [
          {
            name: 'send-emails',
            schedule: '7-59/10 * * * * *',
            runOnce: once((leader, stopping) => sendEmails.runOnce(leader.engine, mailing, stopping)),
          },
        ]),
    ...(certificate === null
      ? []
      : [
          {
            name: 'renew-certificate',
            schedule: '*/5 * * * * *',
            runOnce: () => renewCertificate.runOnce(certificate),
          },
        ]),
  ];
}
