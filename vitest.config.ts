import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/bench/**'],
    globalSetup: ['test/support/postgres-server.ts', 'test/support/sqlite-template.ts'],
    // So that no program and no thread that a test starts is compiled anew.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/node-compile', import.meta.url)) },
    // Processes, not threads: the code under test starts threads of its own.
    pool: 'forks',
    // One more than two cores: many tests wait for processes, disks and time limits.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // What a passing test prints is of no interest.
    silent: 'passed-only',
  },
});
