/** Says in one line why the vault did not do it. */
import { EXIT, type ExitCode, Failure } from './failure.ts';
import { plainText } from './plain-text.ts';

/** The body of a refusal (RFC 9457). */
export interface Problem {
  readonly error: string;
  readonly detail?: string;
  readonly request_id?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** The request that was refused. */
interface Refused {
  readonly path: string;
  /** What to do next, by `error`, in place of what is said here of it. */
  readonly advice?: Readonly<Record<string, string>>;
  /** Members of the body that were typed as arguments, and not as options. */
  readonly arguments?: readonly string[];
}

/** For what the vault itself does not say what to do next. */
const ADVICE: Readonly<Record<string, string>> = {
  unauthorized: 'look at KEYROTATOR_TOKEN: it may have been deleted, replaced or have expired',
  'precondition failed': 'somebody changed it meanwhile: show it again, and then decide',
  'invalid token': 'it may have been replaced: make a new one with tenant rotate-token or app rotate-token',
  'unknown service': 'the tenant of this token has no such service',
  'invalid signature':
    'KEYROTATOR_SIGNING_SECRET is the secret that belongs to the app, and the clock has to be right',
  'service not allowed': 'let the app reach it: app update ID --services …',
};

export function failureOf(
  status: number,
  problem: Problem,
  retryAfter: number | null,
  { path, advice = {}, arguments: typed = [] }: Refused,
): Failure {
  const mistakes = (problem.errors ?? []).map(({ pointer, detail }) => `${nameOf(pointer, typed)}${detail}`);
  const why = [
    mistakes.length === 0 ? problem.detail : '',
    advice[problem.error] ?? ADVICE[problem.error],
    problem.error === 'not found' ? `asked for ${path}` : undefined,
    ...mistakes,
    retryAfter === null ? undefined : `try again in ${retryAfter} s`,
  ];
  const said = why
    .filter((part) => typeof part === 'string' && part !== '')
    .map((part) => String(part).replace(/\.$/, ''));
  const request = problem.request_id === undefined ? '' : `, request ${problem.request_id}`;
  return new Failure(
    exitCodeOf(status),
    plainText(
      `${[problem.error, said.join('; ')].filter((part) => part !== '').join(': ')} (${status}${request})`,
    ),
  );
}

/** The member of the body that a JSON pointer leads to, as the argument or the option that sets it. */
function nameOf(pointer: string, typed: readonly string[]): string {
  const [, member = '', ...rest] = pointer.split('/');
  if (member === '') return '';
  if (typed.includes(member)) return `${member.toUpperCase()}: `;
  return `--${[member.replaceAll('_', '-'), ...rest].join('/')}: `;
}

function exitCodeOf(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.refused;
  if (status === 400 || status === 413 || status === 415 || status === 422) return EXIT.input;
  if (status === 429 || status === 503) return EXIT.later;
  return EXIT.failed;
}

const NOT_SENT =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|bad port|UND_ERR_CONNECT_TIMEOUT)$/;
const UNTRUSTED = /CERT|SIGNED|ISSUER|SSL|TLS/;

/**
 * For a request that was not answered. `wasSent` says whether the vault may have got it; unless `isRepeatable`, the message
 * then says that the outcome is not known.
 */
export function unreachable(
  error: Error,
  url: string,
  isRepeatable: boolean,
): { failure: Failure; wasSent: boolean } {
  const cause = error.cause as { code?: string; message?: string } | undefined;
  const code =
    error.name === 'TimeoutError' ? 'no answer in time' : (cause?.code ?? cause?.message ?? error.name);
  const say = (advice: string) =>
    new Failure(EXIT.unreachable, `${url} cannot be reached (${code}): ${advice}`);
  if (NOT_SENT.test(code))
    return { failure: say('start the vault, or name it with KEYROTATOR_URL or --url'), wasSent: false };
  if (UNTRUSTED.test(code))
    return { failure: say('name the certificate of its authority with NODE_EXTRA_CA_CERTS'), wasSent: false };
  return {
    failure: say(isRepeatable ? 'try again' : 'whether it was done is not known: look before you try again'),
    wasSent: true,
  };
}
