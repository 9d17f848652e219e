import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const page = readFileSync(new URL('../../docs/dependencies.md', import.meta.url), 'utf8');

/** The packages that a section of the page gives a reason for, in the order of the page. */
function explained(heading: string): string[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^- `([^`]+)`: \S.*$/gm)].map((line) => line[1] ?? '');
}

it('gives a reason for each dependency, and for nothing else', () => {
  expect(explained('At run time')).toEqual(Object.keys(manifest.dependencies).sort());
});

it('gives a reason for each development dependency, and for nothing else', () => {
  expect(explained('For development')).toEqual(Object.keys(manifest.devDependencies).sort());
});

it('pins every dependency to one version', () => {
  const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
});
