import { chmodSync, cpSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from './markdown.ts';

/**
 * A checkout in a new folder under `parent`, whose set-up is done: `scripts/setup` would find nothing to do, and must not
 * touch the packages in use.
 */
export function makeCheckout(parent: string): string {
  const folder = mkdtempSync(join(parent, 'checkout-'));
  for (const path of ['package.json', 'scripts', 'keyrotator'])
    cpSync(join(PROJECT, path), join(folder, path), { recursive: true });
  for (const path of ['src', 'db', 'node_modules']) symlinkSync(join(PROJECT, path), join(folder, path));
  writeFileSync(join(folder, 'scripts/setup'), '#!/bin/sh\n');
  chmodSync(join(folder, 'scripts/setup'), 0o755);
  return folder;
}
