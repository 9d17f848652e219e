/** HTTP as bytes on a socket, for what no client library would send. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Body } from './start-vault.ts';

export interface RawResponse {
  readonly status: number;
  /** The header fields as they came, in order; names in lower case. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** The value of a field that is there once; fails where it is there twice. */
  field(name: string): string | undefined;
  readonly text: string;
  /** The parsed body; null where it is no JSON. */
  readonly body: Body;
}

/** A connection to `url` that stays open until either side closes it. */
export class RawConnection {
  readonly #socket: Socket;
  readonly #closed = Promise.withResolvers<void>();
  #received: Buffer = Buffer.alloc(0);
  #waiting: (() => void)[] = [];
  #over = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.on('end', () => {
      this.#over = true;
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#over = true;
      this.#closed.resolve();
      this.#wake();
    });
  }

  /** `halfOpen`: keeps its own side open when the server ends the other. `paused`: reads nothing until it is resumed. */
  static open(url: string, { halfOpen = false, paused = false } = {}): Promise<RawConnection> {
    const { protocol, hostname, port } = new URL(url);
    const to = { host: hostname, port: Number(port), allowHalfOpen: halfOpen };
    return new Promise((resolve, reject) => {
      const socket = protocol === 'https:' ? connectTls(to) : connect(to);
      socket.once('error', reject);
      socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        const connection = new RawConnection(socket);
        if (paused) socket.pause();
        resolve(connection);
      });
    });
  }

  /** Resolves when nothing is left of the connection. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  send(bytes: string): this {
    this.#socket.write(bytes, 'latin1');
    return this;
  }

  resume(): this {
    this.#socket.resume();
    return this;
  }

  /** The next response; fails where the connection ends before it is whole. `bodiless`: an answer to HEAD. */
  async receive({ bodiless = false } = {}): Promise<RawResponse> {
    for (;;) {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end >= 0) {
        const head = this.#received.subarray(0, end).toString('latin1');
        const length = bodiless ? 0 : Number(/^content-length: *(\d+)$/im.exec(head)?.[1] ?? 0);
        const whole = end + 4 + length;
        if (this.#received.length >= whole) {
          const text = this.#received.subarray(end + 4, whole).toString('utf8');
          this.#received = this.#received.subarray(whole);
          return parseResponse(head, text);
        }
      }
      if (this.#over)
        throw new Error(`the connection ended after ${this.#received.length} bytes of an answer`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** One request on a connection of its own, and the answer to it. */
export async function exchange(url: string, request: string): Promise<RawResponse> {
  const connection = await RawConnection.open(url);
  try {
    return await connection.send(request).receive({ bodiless: request.startsWith('HEAD ') });
  } finally {
    connection.destroy();
  }
}

/** A GET as it goes over the wire. */
export function get(target: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({ Host: 'vault.test', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** A delivery's GET with the token where it belongs. */
export function getKey(
  service: string,
  token: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  return get(`/api/next?service=${service}`, { Authorization: `Bearer ${token}`, ...headers });
}

function parseResponse(head: string, text: string): RawResponse {
  const [status = '', ...lines] = head.split('\r\n');
  const fields = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(status)?.[1]),
    fields,
    field(name) {
      const values = fields.filter(([each]) => each === name);
      if (values.length > 1) throw new Error(`${name} is there ${values.length} times`);
      return values[0]?.[1];
    },
    text,
    body: parseJson(text),
  };
}

function parseJson(text: string): Body {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
