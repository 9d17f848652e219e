/** Reads a body of JSON: one that says something twice, or whose bytes cannot be kept as they came, is refused. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import express, { type NextFunction, type Request, type Response } from 'express';
import { repeatedMember } from '../../domain/json-members.ts';
import { Problem } from '../../domain/problem.ts';

const MOST_BYTES = 1024 * 1024;

/** Middleware that leaves the value in `request.body`; an empty body is an empty object. What is no JSON by its type is left alone. */
export const jsonBody = [
  express.text({ limit: MOST_BYTES, type: isJson, verify: requireUtf8 }),
  (request: Request, _response: Response, next: NextFunction): void => {
    const text: unknown = request.body;
    if (typeof text === 'string') request.body = text === '' ? {} : parse(text);
    next();
  },
];

export function isJson(request: IncomingMessage): boolean {
  return /^application\/(?:[a-z.+-]+\+)?json(?:;|$)/i.test(request.headers['content-type'] ?? '');
}

function requireUtf8(_request: unknown, _response: unknown, bytes: Buffer, charset: string): void {
  if (charset !== 'utf-8') {
    throw new Problem('unsupported media type', 'The body has a charset that is not taken: send UTF-8.');
  }
  if (!isUtf8(bytes)) throw new Problem('invalid request', 'The body is not UTF-8.');
}

function parse(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Problem('invalid request', 'The body is not JSON.');
  }
  const member = repeatedMember(text);
  if (member === null) return value;
  const name = JSON.stringify(member.slice(0, 100));
  throw new Problem('invalid request', `The member ${name} is twice in one object: send each member once.`);
}
