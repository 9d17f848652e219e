/** What a batch moves in memory, as it was before: a batch that was not written leaves what is remembered as true as it was. */

import type { Level } from '../../domain/bucket.ts';
import type { KeyUsage } from '../../domain/policy-key.ts';
import type { AppSubject, Day, KeyConfig, ServiceSubject } from '../configuration.ts';
import type { Decision, Recognized } from '../engine.ts';
import type { AppWindows } from '../rate-limits.ts';

interface AppBefore {
  readonly day: Day | null;
  readonly level: Level | null;
  readonly windows: AppWindows | null;
}

interface ServiceBefore {
  readonly day: Day | null;
  readonly virtual: number;
  readonly turn: number;
  readonly currentKeyId: number | null;
  readonly usage: Map<number, KeyUsage | null>;
  readonly keys: Map<number, KeyConfig>;
}

export class Before {
  readonly #services = new Map<ServiceSubject, ServiceBefore>();
  readonly #apps = new Map<AppSubject, AppBefore>();

  /** To be called before a decision moves anything, its days opened. */
  keep(decision: Exclude<Decision, Recognized>, service: ServiceSubject, app: AppSubject | null): void {
    if (app !== null && !this.#apps.has(app)) {
      const { day, bucket, windows } = app;
      this.#apps.set(app, { day: copyOf(day), level: bucket?.level ?? null, windows });
    }
    const before = this.#of(service);
    const changed = decision.brokenKeys.map(({ id }) => id);
    if (decision.refusal === null) {
      const { id } = decision.key;
      const usage = service.keys.get(id);
      if (!before.usage.has(id)) before.usage.set(id, usage === undefined ? null : { ...usage });
      changed.push(...decision.changes.map(({ key_id }) => key_id));
    }
    for (const id of changed) {
      const key = service.config.keys.get(id);
      if (key !== undefined && !before.keys.has(id)) before.keys.set(id, key);
    }
  }

  restore(): void {
    this.giveBack();
    for (const [app, { day, windows }] of this.#apps) {
      app.day = day;
      app.windows = windows;
    }
    for (const [service, before] of this.#services) {
      service.day = before.day;
      service.virtual = before.virtual;
      service.turn = before.turn;
      service.order = null;
      service.config.current_key_id = before.currentKeyId;
      for (const key of before.keys.values()) service.config.keys.replace(key);
      for (const [id, usage] of before.usage) {
        if (usage === null) service.keys.delete(id);
        else service.keys.set(id, usage);
      }
    }
  }

  /** Takes back from the seconds of apps alone: the rest is read again. */
  giveBack(): void {
    for (const [{ bucket }, { level }] of [...this.#apps].reverse()) {
      if (bucket !== null && level !== null) bucket.level = level;
    }
  }

  #of(service: ServiceSubject): ServiceBefore {
    let before = this.#services.get(service);
    if (before === undefined) {
      const { day, virtual, turn, config } = service;
      before = {
        day: copyOf(day),
        virtual,
        turn,
        currentKeyId: config.current_key_id,
        usage: new Map(),
        keys: new Map(),
      };
      this.#services.set(service, before);
    }
    return before;
  }
}

function copyOf(day: Day | null): Day | null {
  return day === null ? null : { ...day };
}
