/** The kinds of values that options take, and what is sent for them. */
import { Option as CommanderOption } from 'commander';
import { EXIT, Failure } from './failure.ts';

/** What was given is not what the option takes; the message says what that is. */
class WrongValue extends Error {}

export interface Option {
  /** Of the value in the help; null where there is none: the option stands for true, and `--no-…` for false. */
  readonly value: string | null;
  readonly means: string;
  readonly required?: true;
  /** What is sent; `before` is what an earlier one of the same option made. Throws a {@link WrongValue}. */
  readonly parse: (given: string, before: unknown) => unknown;
}

export type Options = Readonly<Record<string, Option>>;

export function text(means: string): Option {
  return { value: 'text', means, parse: (given) => given };
}

/** A text, or `none`. */
export function optionalText(means: string): Option {
  const parse = (given: string) => (given === 'none' ? null : given);
  return { value: 'text', means: `${means}, or none`, parse };
}

export function wholeNumber(means: string): Option {
  return { value: 'number', means, parse: numberOf };
}

/** A whole number, or `none`. */
export function limit(means: string): Option {
  return {
    value: 'number',
    means: `${means}, or none`,
    parse: (given) => (given === 'none' ? null : numberOf(given)),
  };
}

const A_TIME = 'such as 2030-01-31T00:00:00Z';

export function time(means: string): Option {
  return { value: 'time', means: `${means}, ${A_TIME}`, parse: (given) => given };
}

/** When something ends, or `none`. */
export function end(means: string): Option {
  const parse = (given: string) => (given === 'none' ? null : given);
  return { value: 'time', means: `${means}, ${A_TIME}, or none`, parse };
}

export function choice(values: readonly string[], means: string): Option {
  const parse = (given: string) => {
    if (!values.includes(given)) throw new WrongValue(`one of ${values.join(', ')}`);
    return given;
  };
  return { value: values.join('|'), means, parse };
}

export function flag(means: string): Option {
  return { value: null, means, parse: () => true };
}

/** Values without commas: `a,b`, or the option once more. An empty one empties the list. */
export function list(value: string, means: string): Option {
  const parse = (given: string, before: unknown) => [
    ...listOf(before),
    ...given.split(',').filter((part) => part !== ''),
  ];
  return { value: `${value},…`, means, parse };
}

/** A list of slugs, or `all`. */
export function slugsOrAll(means: string): Option {
  const slugs = list('slug', means);
  return {
    ...slugs,
    parse: (given, before) => (given === 'all' && before === undefined ? 'all' : slugs.parse(given, before)),
  };
}

/** Values that may hold commas: the option once more for each. An empty one empties the list. */
export function texts(value: string, means: string): Option {
  const parse = (given: string, before: unknown) => [...listOf(before), ...(given === '' ? [] : [given])];
  return { value, means: `${means}; again for each further one`, parse };
}

/** `name=value` again and again. With `isPatch` a name alone takes the tag away; else an empty option empties them. */
export function tags(means: string, isPatch = false): Option {
  const parse = (given: string, before: unknown) => {
    const known = (before ?? {}) as Record<string, string | null>;
    if (given === '' && !isPatch) return known;
    const at = given.indexOf('=');
    if (at < 1 && !(isPatch && at < 0)) throw new WrongValue('name=value');
    return at < 0 ? { ...known, [given]: null } : { ...known, [given.slice(0, at)]: given.slice(at + 1) };
  };
  const away = isPatch ? 'a name alone takes it away' : "'' takes all away";
  return { value: 'name=value', means: `${means}; again for each further one, ${away}`, parse };
}

/** A tag to look for, in the form in which tags are given: `name=value`, or the name alone. Sent as the vault takes it, `name:value`. */
export function tag(means: string): Option {
  const parse = (given: string) => {
    if (given.startsWith('=')) throw new WrongValue('name=value, or a name alone');
    return /^[^:=]*=/.test(given) ? given.replace('=', ':') : given;
  };
  return { value: 'name=value', means: `${means}; a name alone takes any value`, parse };
}

/** Named whole numbers, of which each may be `none`: `a=1,b=none`; or `none` for all of them. */
export function numbers(names: readonly string[], means: string): Option {
  const form = names.map((name) => `${name}=N`).join(',');
  const parse = (given: string) => {
    if (given === 'none') return null;
    const pairs = given.split(',').map((part): [string, number | null] => {
      const [, name = '', value = ''] = /^(\w+)=(none|\d{1,15})$/.exec(part) ?? [];
      if (!names.includes(name)) throw new WrongValue(`${form}, any of them`);
      return [name, value === 'none' ? null : Number(value)];
    });
    return Object.fromEntries(pairs);
  };
  return {
    value: `${names[0]}=N,…`,
    means: `${means}: ${names.join(', ')}; each may be none, and so may all`,
    parse,
  };
}

/** Named settings, whole numbers or `none`, and those of `flags` `on` or `off`: `a=on,b=10`. */
export function settings(flags: readonly string[], names: readonly string[], means: string): Option {
  const form = [...flags.map((name) => `${name}=on`), ...names.map((name) => `${name}=N`)].join(',');
  const parse = (given: string) => {
    const pairs = given.split(',').map((part): [string, boolean | number | null] => {
      const [, name = '', value = ''] = /^(\w+)=(on|off|none|\d{1,15})$/.exec(part) ?? [];
      const isSwitch = value === 'on' || value === 'off';
      if (!(isSwitch ? flags : names).includes(name)) throw new WrongValue(`${form}, any of them`);
      return [name, isSwitch ? value === 'on' : value === 'none' ? null : Number(value)];
    });
    return Object.fromEntries(pairs);
  };
  return {
    value: `${flags[0]}=on,…`,
    means: `${means}: ${flags.join(', ')}, on or off; ${names.join(', ')}, a number or none`,
    parse,
  };
}

export function required(option: Option): Option {
  return { ...option, required: true };
}

/** An option as commander takes it. */
export function optionOf(name: string, option: Option): CommanderOption {
  const flags = option.value === null ? `--${name}` : `--${name} <${option.value}>`;
  const made = new CommanderOption(flags, option.means).argParser(parserOf(name, option));
  return option.required ? made.makeOptionMandatory() : made;
}

/** What was made of an option. Commander keeps it as it is, where it would take a null for no value. */
class Parsed {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

/** `parse` of an option as commander calls it: a mistake names the option, and nothing of what was given. */
function parserOf(name: string, option: Option): (given: string, before: unknown) => unknown {
  return (given, before) => {
    try {
      return new Parsed(option.parse(given, sentFor(before)));
    } catch (expected) {
      if (!(expected instanceof WrongValue)) throw expected;
      throw new Failure(EXIT.usage, `--${name} takes ${expected.message}`);
    }
  };
}

/** What is sent for what commander keeps of an option; undefined where it was not given. */
export function sentFor(kept: unknown): unknown {
  return kept instanceof Parsed ? kept.value : kept;
}

/** What a member is called on the command line. */
export function optionName(member: string): string {
  return member.replaceAll('_', '-');
}

function numberOf(given: string): number {
  if (!/^\d{1,15}$/.test(given)) throw new WrongValue('a whole number');
  return Number(given);
}

function listOf(before: unknown): string[] {
  return Array.isArray(before) ? before : [];
}
