/**
 * A TCP proxy in front of a server, for what a network can do to the connections between: gone after the test file.
 * It knows nothing of the protocol; a hook sees the bytes of the clients as they come and decides what becomes of them.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll } from 'vitest';

export interface Target {
  readonly host: string;
  readonly port: number;
}

/**
 * What becomes of the bytes that a client sent:
 * - `pass`: they go to the server.
 * - `cut-before`: the connection breaks, and the server gets none of them.
 * - `cut-after`: the server gets them, but the connection breaks in place of its reply. It breaks for the client once the
 *   server has dealt with all it got and hung up, so what the bytes ask for has happened by then.
 * - `swallow-reply`: the server gets them, and the client hears nothing more on a connection that stays.
 * - `hold-back`: the connection breaks for the client, and the server gets them late: with `deliverLate`.
 */
export type Verdict = 'pass' | 'cut-before' | 'cut-after' | 'swallow-reply' | 'hold-back';

/** `connection` numbers the connections of the proxy from 1. */
export type ClientDataHook = (bytes: Buffer, connection: number) => Verdict;

export interface TcpProxy {
  readonly port: number;
  /** New connections go there. */
  retarget(target: Target): void;
  /** How many connections are open. */
  connections(): number;
  /** Breaks all connections now. */
  cut(): void;
  /** While on, new connections are reset. */
  refuse(on: boolean): void;
  /** From now on no byte goes in either direction, also on new connections, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** Sends on what was held back. Resolves when the server has dealt with it and hung up. */
  deliverLate(): Promise<void>;
  /** Has the hook judge what clients send from now on; null lets everything pass. */
  onClientData(hook: ClientDataHook | null): void;
  close(): Promise<void>;
}

interface Connection {
  readonly number: number;
  readonly client: Socket;
  readonly server: Socket;
  /** Whether the server's bytes go to the client. */
  muted: boolean;
  /** What the server gets late, on a connection that is gone for the client. */
  late: Buffer | null;
}

const opened = new Set<TcpProxy>();

afterAll(async () => {
  await Promise.all([...opened].map((proxy) => proxy.close()));
});

/** Listens on a free port of 127.0.0.1. */
export async function createTcpProxy(target: Target): Promise<TcpProxy> {
  const connections = new Set<Connection>();
  let to = target;
  let count = 0;
  let refusing = false;
  let frozen = false;
  let hook: ClientDataHook | null = null;

  const listener = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    if (refusing) {
      client.on('error', () => {}).resetAndDestroy();
      return;
    }
    count += 1;
    const server = connect({ host: to.host, port: to.port, allowHalfOpen: true });
    const connection: Connection = { number: count, client, server, muted: false, late: null };
    connections.add(connection);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      for (const event of ['error', 'close']) {
        socket.on(event, () => {
          if (socket === server || connection.late === null) breakOff(connection);
        });
      }
    }
    client.on('data', (bytes) => forward(connection, bytes));
    client.on('end', () => {
      if (connection.late === null) server.end();
    });
    server.on('data', (bytes) => {
      if (!connection.muted) client.write(bytes);
    });
    server.on('end', () => {
      if (connection.muted) breakOff(connection);
      else client.end();
    });
    if (frozen) server.pause();
    else client.resume();
  });

  function forward(connection: Connection, bytes: Buffer): void {
    const { server } = connection;
    if (server.writableEnded) return;
    const verdict = hook?.(bytes, connection.number) ?? 'pass';
    if (verdict === 'cut-before') {
      breakOff(connection);
      return;
    }
    if (verdict !== 'pass') connection.muted = true;
    if (verdict === 'hold-back') {
      connection.late = bytes;
      connection.client.destroy();
      return;
    }
    server.write(bytes);
    if (verdict === 'cut-after') server.end();
  }

  function breakOff(connection: Connection): void {
    connections.delete(connection);
    connection.client.destroy();
    connection.server.destroy();
  }

  function sockets(): Socket[] {
    return [...connections].flatMap(({ client, server }) => [client, server]);
  }

  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');

  const proxy: TcpProxy = {
    port: (listener.address() as AddressInfo).port,
    retarget(target) {
      to = target;
    },
    connections: () => connections.size,
    cut() {
      for (const connection of connections) breakOff(connection);
    },
    refuse(on) {
      refusing = on;
    },
    freeze() {
      frozen = true;
      for (const socket of sockets()) socket.pause();
    },
    thaw() {
      frozen = false;
      for (const socket of sockets()) socket.resume();
    },
    async deliverLate() {
      for (const { server, late } of connections) {
        if (late === null) continue;
        server.end(late);
        await once(server, 'close');
      }
    },
    onClientData(next) {
      hook = next;
    },
    async close() {
      if (!opened.delete(proxy)) return;
      const closed = once(listener, 'close');
      listener.close();
      proxy.cut();
      await closed;
    },
  };
  opened.add(proxy);
  return proxy;
}
