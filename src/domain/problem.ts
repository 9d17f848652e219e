/** What an administrative request can come to, apart from success. The code is stable; http gives it its status. */
export type ProblemCode =
  | 'invalid request'
  | 'unauthorized'
  | 'forbidden'
  | 'not found'
  | 'method not allowed'
  | 'conflict'
  | 'precondition failed'
  | 'payload too large'
  | 'unsupported media type'
  | 'unprocessable'
  | 'rate limit exceeded'
  | 'internal error'
  | 'storage unavailable';

/** A member of the request that is wrong: `pointer` is a JSON pointer (RFC 6901) into the body. */
export interface Mistake {
  readonly pointer: string;
  readonly detail: string;
}

/** `detail` is for the caller: it says what to do next, and holds nothing that the caller did not send or may not see. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly mistakes: readonly Mistake[];

  constructor(code: ProblemCode, detail: string, mistakes: readonly Mistake[] = []) {
    super(`${code}: ${detail}`);
    this.name = 'Problem';
    this.code = code;
    this.detail = detail;
    this.mistakes = mistakes;
  }
}

/** The same for what never existed and for what belongs to somebody else. */
export function notFound(): Problem {
  return new Problem('not found', 'There is nothing here, or nothing that this token may see.');
}

export function conflict(detail: string): Problem {
  return new Problem('conflict', detail);
}

/** One wrong member of a body. */
export function mistake(pointer: string, detail: string): Problem {
  return new Problem('unprocessable', 'The body is not what this route takes.', [{ pointer, detail }]);
}
