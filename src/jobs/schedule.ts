/** When the jobs run. The clock only wakes them: what is due, each decides by the time that it is given. */
import cron, { type Logger, type ScheduledTask } from 'node-cron';

export interface Job {
  readonly name: string;
  /** A cron expression with seconds. */
  readonly schedule: string;
  /** It runs when the jobs are started, too. */
  readonly atStart?: true;
  /** A long run ends early where `stopping` is aborted. */
  runOnce(stopping: AbortSignal): Promise<unknown>;
}

export interface JobObserver {
  ran(name: string, seconds: number): void;
  failed(name: string, error: Error): void;
  /** The process was too busy to wake it in time: a run was left out. */
  late(name: string): void;
}

export interface Schedule {
  /** Starts no further run and waits for those under way. */
  stop(): Promise<void>;
}

/** Starts the jobs; a run that takes longer than its period is not overlapped by the next. */
export function startJobs(jobs: readonly Job[], observer: JobObserver): Schedule {
  const running = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  const wake = (job: Job) => {
    if (running.has(job.name)) return;
    running.set(
      job.name,
      run(job, stopping.signal, observer).finally(() => running.delete(job.name)),
    );
  };
  const tasks: ScheduledTask[] = jobs.map((job) =>
    cron.schedule(job.schedule, () => wake(job), { logger: loggerOf(job, observer) }),
  );
  for (const job of jobs) if (job.atStart) wake(job);
  return {
    async stop() {
      stopping.abort();
      await Promise.all(tasks.map((task) => task.destroy()));
      await Promise.all(running.values());
    },
  };
}

/** By itself node-cron writes lines of its own form to the standard output. */
function loggerOf({ name }: Job, observer: JobObserver): Logger {
  return {
    info() {},
    debug() {},
    warn: () => observer.late(name),
    error: (error) => observer.failed(name, error instanceof Error ? error : new Error(error)),
  };
}

async function run(job: Job, stopping: AbortSignal, observer: JobObserver): Promise<void> {
  const started = performance.now();
  try {
    await job.runOnce(stopping);
    observer.ran(job.name, (performance.now() - started) / 1000);
  } catch (error) {
    observer.failed(job.name, error as Error);
  }
}
