/** What the commands of a resource are made of: tables, of which program.ts makes commands and perform.ts requests. */
import type { Options } from './options.ts';
import type { Method } from './vault-client.ts';

export interface Resource {
  readonly name: string;
  readonly about: string;
  readonly verbs: readonly Verb[];
}

/** A command that is one request. */
export interface Verb {
  readonly name: string;
  readonly about: string;
  readonly method: Method;
  /**
   * Below `/admin/v1`. `:tenant` is the tenant that the options or the environment name; each other parameter is an argument
   * of the command, in this order.
   */
  readonly path: string;
  /** Members of the body that are arguments, too, behind those of the path. */
  readonly arguments?: readonly string[];
  /** By the name of the member of the body, or of the query where there is no body. */
  readonly options?: Options;
  /** Members of the body that the command always sends. */
  readonly fixed?: Readonly<Record<string, unknown>>;
  /** `list`: rows, page by page, or those of the member `of`. `record`: the thing itself. `file`: whatever comes. */
  readonly prints: List | 'record' | 'nothing' | 'file';
  /** The member of the body that is a provider key, which is read from a file or asked for. */
  readonly secret?: string;
  /** It destroys what is in it, too: `--confirm` has to repeat the argument. */
  readonly confirm?: true;
  /** It cannot be taken back, as this says: a terminal is asked, anything else has to say `--yes`. */
  readonly irrevocable?: string;
  /** Reaches what belongs to the installation when `--root` is given: this path in place of the other. */
  readonly rootPath?: string;
  /** What to look at next, told on standard error once it is done; of rows that come whole, where there are more of them. */
  readonly next?: string;
  /** Told on standard error where rows that come whole are none. */
  readonly none?: string;
  /** What it asks for is of no tenant: `--tenant` narrows it to one, and the environment does not. */
  readonly narrowedByTenant?: true;
  /** As typed behind `./keyrotator`. A test runs each of them. */
  readonly examples: readonly string[];
}

export interface List {
  readonly columns: readonly string[];
  /** The member of the answer that has the rows: `data` of a list in pages, anything else of an answer that comes whole. */
  readonly of?: string;
  /** Members that stand beside the rows of a list in pages, and are told of on standard error. */
  readonly beside?: readonly string[];
}

type Said = Omit<Verb, 'name' | 'method' | 'path' | 'prints'>;

export function list(path: string, columns: readonly string[], said: Said): Verb {
  return { name: 'list', method: 'GET', path, prints: { columns }, ...said };
}

export function show(path: string, said: Said): Verb {
  return { name: 'show', method: 'GET', path, prints: 'record', ...said };
}

export function create(path: string, said: Said): Verb {
  return { name: 'create', method: 'POST', path, prints: 'record', ...said };
}

export function update(path: string, said: Said): Verb {
  return { name: 'update', method: 'PATCH', path, prints: 'record', ...said };
}

export function remove(path: string, said: Said): Verb {
  return { name: 'delete', method: 'DELETE', path, prints: 'nothing', ...said };
}

/** A POST that does something to a thing that is there. */
export function action(name: string, path: string, said: Said): Verb {
  return { name, method: 'POST', path, prints: 'record', ...said };
}

/** `enable` and `disable` of what is switched by a member. */
export function turn(name: 'enable' | 'disable', path: string, said: Said): Verb {
  return { name, method: 'PATCH', path, prints: 'record', fixed: { enabled: name === 'enable' }, ...said };
}

/** The names of the arguments that the path takes. */
export function pathArguments(path: string): string[] {
  return [...path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '').filter((name) => name !== 'tenant');
}
