/** What traces are to the rest of the service. */
import type { TracingConfig } from '../../config/config.ts';
import type { DeliveryObserver } from '../../http/delivery/handler.ts';
import type { Around } from '../../http/server.ts';
import type { Job } from '../../jobs/schedule.ts';
import type { Engine } from '../../storage/engine.ts';
import type { WebhookSender } from '../../webhooks/send.ts';
import type { Logger } from '../log.ts';

/**
 * What is put around the rooms, which know nothing of it. A span has names and numbers of this program alone: nothing that
 * a client sent, no slug, no address, no URL and no message of an error.
 */
export interface Tracing {
  /** A server span around each delivery, each report and each request of the administration. */
  readonly around: Around;
  /** A span around each job. */
  job(job: Job): Job;
  /** A child for each decision with its commit, and for each unit. */
  engine(engine: Engine): Engine;
  /** A client span for each attempt to send an event. */
  sender(sender: WebhookSender): WebhookSender;
  /** Adds why a delivery or a report was refused. */
  observer<O extends DeliveryObserver>(observer: O): O;
  /** Sends what is left, for two seconds at most. Never rejects. */
  shutdown(): Promise<void>;
}

export interface TracingOptions {
  readonly config: TracingConfig;
  readonly version: string;
  readonly log: Logger;
  /** Counts spans by what became of them. */
  readonly spans: { exported: number; failed: number };
}
