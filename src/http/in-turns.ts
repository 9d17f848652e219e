/**
 * Answers the requests of a connection one after the other. A client may send several before the first is answered (RFC
 * 9112, section 9.3.2); were they carried out side by side, one connection could ask for more than all others together.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How many may wait on a connection; one that sends more is closed. */
export const MAX_WAITING = 100;

interface Turns {
  busy: boolean;
  readonly waiting: (() => void)[];
}

const TURNS = Symbol('turns');

/** Calls `handle` when every request that came before on the same connection is answered, unless the connection is closed by then. */
export function inTurn(request: IncomingMessage, response: ServerResponse, handle: () => void): void {
  const socket = request.socket as Socket & { [TURNS]?: Turns };
  socket[TURNS] ??= { busy: false, waiting: [] };
  const turns = socket[TURNS];
  const start = () => {
    turns.busy = true;
    response.once('close', () => next(socket, turns));
    handle();
  };
  if (!turns.busy) start();
  else if (turns.waiting.length < MAX_WAITING) turns.waiting.push(start);
  else socket.destroy();
}

function next(socket: Socket, turns: Turns): void {
  turns.busy = false;
  if (socket.destroyed || socket.writableEnded) turns.waiting.length = 0;
  else turns.waiting.shift()?.();
}
