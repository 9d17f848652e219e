/** Reads what is given in a file or on standard input, secrets first of all: none is ever an argument. */
import { readFileSync } from 'node:fs';
import { withoutLineEnd } from '../../config/env.ts';
import { askHidden } from './ask-hidden.ts';
import { EXIT, Failure } from './failure.ts';

const STANDARD_INPUT = '-';

/** A secret that the file holds, without the line end; `-` is standard input, where a terminal is asked with its echo off. */
export async function readSecret(file: string, what: string): Promise<string> {
  if (file === STANDARD_INPUT && process.stdin.isTTY) return notEmpty(await askHidden(what), what);
  return notEmpty(withoutLineEnd(readInput(file).toString('utf8')), what);
}

/** The same where no file is named: a terminal is asked, anything else is a mistake for which `instead` says what to do. */
export async function askForSecret(what: string, instead: Failure): Promise<string> {
  if (!process.stdin.isTTY) throw instead;
  return readSecret(STANDARD_INPUT, what);
}

let isTaken = false;

/** All of a file, or with `-` of standard input, which is there once. */
export function readInput(file: string): Buffer {
  if (file !== STANDARD_INPUT) return read(file, file);
  if (isTaken)
    throw new Failure(EXIT.usage, 'standard input can be read once: name a file for one of the two');
  isTaken = true;
  return read(0, 'standard input');
}

function read(file: string | number, name: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new Failure(EXIT.noInput, `${name} cannot be read (${code})`);
  }
}

function notEmpty(secret: string, what: string): string {
  if (secret === '') throw new Failure(EXIT.input, `${what}: nothing was given`);
  return secret;
}
