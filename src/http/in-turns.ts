/**
 * Answers the requests of a connection one after the other. A client may send several before the first is answered (RFC
 * 9112, section 9.3.2); were they carried out side by side, one connection could ask for more than all others together.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How many may wait on a connection; one that sends more is closed. */
export const MAX_WAITING = 100;

interface Turns {
  /** What answers the last request that was begun. */
  answer: ServerResponse | null;
  readonly waiting: (() => void)[];
}

const TURNS = Symbol('turns');

/** Calls `handle` when every request that came before on the same connection is answered, unless the connection is closed by then. */
export function inTurn(request: IncomingMessage, response: ServerResponse, handle: () => void): void {
  const socket = request.socket as Socket & { [TURNS]?: Turns };
  socket[TURNS] ??= { answer: null, waiting: [] };
  const turns = socket[TURNS];
  const { answer, waiting } = turns;
  if (waiting.length === 0 && (answer === null || answer.closed)) {
    turns.answer = response;
    handle();
    return;
  }
  if (waiting.length >= MAX_WAITING) {
    socket.destroy();
    return;
  }
  waiting.push(() => {
    turns.answer = response;
    handle();
  });
  if (waiting.length === 1) answer?.once('close', () => next(socket, turns));
}

function next(socket: Socket, turns: Turns): void {
  const { waiting } = turns;
  if (socket.destroyed || socket.writableEnded) waiting.length = 0;
  waiting.shift()?.();
  if (waiting.length > 0) turns.answer?.once('close', () => next(socket, turns));
}
