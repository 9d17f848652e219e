/** The tables of commands are held against the routes and the members that the vault has. */
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { RESOURCES } from '../../../../src/cli/admin/commands.ts';
import { pathArguments, type Verb } from '../../../../src/cli/admin/resource.ts';
import { ROUTES } from '../../../../src/http/admin/routes.ts';
import { helpTexts } from '../../../support/command-line.ts';

const VERBS = RESOURCES.flatMap(({ name, verbs }) => verbs.map((verb) => ({ name, verb })));
/** `key import` is no table: it is many requests. */
const ELSEWHERE = ['POST /tenants/:tenant/services/:service/keys/import'];

function routesOf({ method, path, rootPath }: Verb): string[] {
  return [path, ...(rootPath === undefined ? [] : [rootPath])].map(
    (each) => `${method} ${each.replace(':slug', ':tenant')}`,
  );
}

test('every route of the administration has a command, and every command its route', () => {
  const commanded = new Set([...VERBS.flatMap(({ verb }) => routesOf(verb)), ...ELSEWHERE]);
  expect([...commanded].sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
});

describe('every member of a body, and every parameter of a query, is an option or an argument', () => {
  const cases = VERBS.flatMap(({ name, verb }) =>
    ROUTES.filter(({ method, path }) => routesOf(verb).includes(`${method} ${path}`)).map(
      (route) => [`${name} ${verb.name}`, route.path, verb, route] as const,
    ),
  );

  test.each(cases)('%s (%s)', (_command, _path, verb, route) => {
    const schema = (route.method === 'GET' || route.method === 'DELETE' ? route.query : route.body) as
      | z.ZodObject
      | undefined;
    const taken = Object.entries(schema?.shape ?? {}).filter(([, member]) => !isNever(member as z.ZodType));
    const given = new Set([
      ...Object.keys(verb.options ?? {}),
      ...(verb.arguments ?? []),
      ...Object.keys(verb.fixed ?? {}),
      ...(verb.secret === undefined ? [] : [verb.secret]),
      ...(verb.confirm ? ['confirm'] : []),
      ...(verb.narrowedByTenant ? ['tenant'] : []),
    ]);
    const members = taken.map(([name]) => name);
    if (verb.fixed === undefined) expect(members.filter((name) => !given.has(name))).toEqual([]);
    expect([...given].filter((name) => !members.includes(name))).toEqual([]);
  });
});

/** Whether it stands there only to be refused with a reason. */
function isNever(member: z.ZodType): boolean {
  return member.type === 'optional'
    ? isNever((member as z.ZodOptional<z.ZodType>).unwrap())
    : member.type === 'never';
}

test('options take each value that the vault takes', () => {
  for (const { verb } of VERBS) {
    const route = ROUTES.find(({ method, path }) => routesOf(verb).includes(`${method} ${path}`));
    const schema = (verb.method === 'GET' ? route?.query : route?.body) as z.ZodObject | undefined;
    for (const [name, option] of Object.entries(verb.options ?? {})) {
      const values = enumOf(schema?.shape[name] as z.ZodType | undefined);
      if (values !== null) expect(option.value?.split('|'), `${verb.path} ${name}`).toEqual(values);
    }
  }
});

/** The values of an enumeration, whatever is around it; null for anything else. */
function enumOf(member: z.ZodType | undefined): unknown[] | null {
  if (member === undefined) return null;
  if (member.type === 'enum') return (member as z.ZodEnum).options;
  const { innerType } = member.def as { innerType?: z.ZodType };
  return innerType === undefined ? null : enumOf(innerType);
}

test('no command takes a key or a token as an argument or an option', () => {
  for (const { name, verb } of VERBS) {
    const names = [
      ...Object.keys(verb.options ?? {}),
      ...(verb.arguments ?? []),
      ...pathArguments(verb.path),
    ];
    if (`${name} ${verb.name}` === 'service deliveries' || `${name} ${verb.name}`.endsWith('usage')) continue;
    expect(names.filter((each) => /^(?:key|token|secret|password)$/.test(each))).toEqual([]);
  }
  for (const help of helpTexts().values()) expect(help).not.toMatch(/--(?:token|secret|password)\b(?!-)/);
});
