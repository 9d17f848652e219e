/** An egress proxy on 127.0.0.1 that knows CONNECT alone, and may lead every target to one port of this machine. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ConnectProxy {
  readonly port: number;
  /** What was asked for, in order. */
  readonly asked: { readonly authority: string; readonly headers: IncomingHttpHeaders }[];
  close(): Promise<void>;
}

/** `leadTo`: the port of this machine that every target is; null: it refuses with 403. */
export async function startConnectProxy(leadTo: number | null): Promise<ConnectProxy> {
  const asked: ConnectProxy['asked'] = [];
  const open = new Set<Socket>();
  const server = createServer((_request, response) => void response.writeHead(405).end());
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
  });
  server.on('connect', ({ url = '', headers }, socket) => {
    asked.push({ authority: url, headers });
    if (leadTo === null) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const through = connect(leadTo, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      through.pipe(socket).pipe(through);
    });
    through.on('error', () => socket.destroy());
    socket.on('close', () => through.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of open) socket.destroy();
      }),
  };
}
