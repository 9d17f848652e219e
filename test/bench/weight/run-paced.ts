/** One tenant's normal traffic, while something else goes on. */
import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Started } from '../stage.ts';
import { askedFor } from './asked.ts';
import type { Furnished } from './databases.ts';
import type { Paced, PacedOutcome } from './paced-client.ts';
import type { PartContext } from './part.ts';

export const PER_SECOND = 100;

/** The second tenant's traffic, in a process of its own; for as long as a load of this run, unless `seconds` says otherwise. */
export async function runPaced(
  { stage, options }: PartContext,
  server: Started,
  furnished: Furnished,
  seconds = options.seconds,
): Promise<PacedOutcome> {
  const paced: Paced = {
    ...askedFor(furnished, 2, 1, 'app'),
    url: server.url,
    perSecond: PER_SECOND,
    seconds,
  };
  const file = join(stage.folder, `${randomUUID()}.json`);
  writeFileSync(file, JSON.stringify(paced), { mode: 0o600 });
  const output = await stage.run(process.execPath, [join(import.meta.dirname, 'paced-client.ts'), file]);
  rmSync(file);
  return JSON.parse(output) as PacedOutcome;
}
