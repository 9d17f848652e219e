/** How a command of `keyrotator` ends where it did not do what was asked. */

/** What a script can tell by the exit code: those of sysexits.h, and what shells use. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 64,
  input: 65,
  noInput: 66,
  unreachable: 69,
  internal: 70,
  later: 75,
  protocol: 76,
  refused: 77,
  config: 78,
  notExecutable: 126,
  notFound: 127,
  interrupted: 130,
  pipe: 141,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each of them means, for the help. */
export const EXIT_CODES: readonly (readonly [ExitCode, string])[] = [
  [EXIT.done, 'done'],
  [
    EXIT.failed,
    'failed for another reason: what is named is not there, or was changed meanwhile, or rows failed',
  ],
  [EXIT.usage, 'the command is not used like that'],
  [EXIT.input, 'a value or a file is not what the vault takes'],
  [EXIT.noInput, 'a file cannot be read'],
  [EXIT.unreachable, 'the vault cannot be reached'],
  [EXIT.later, 'the vault cannot or may not do it now: try again later'],
  [EXIT.protocol, 'what answers is no KeyRotator'],
  [EXIT.refused, 'the token is refused, or may not'],
  [EXIT.config, 'a token or an environment variable is missing or wrong'],
  [EXIT.interrupted, 'interrupted by Ctrl-C'],
  [EXIT.pipe, 'whoever read the output has left'],
];

/** `message` is one line that says what to do next, and holds no secret. */
export class Failure extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.name = 'Failure';
    this.exitCode = exitCode;
  }
}
