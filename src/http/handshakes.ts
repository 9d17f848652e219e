/** Connections whose TLS handshake is under way: the server counts them as open, and cannot close them itself. */
import type { Socket } from 'node:net';
import type { Server as TlsServer } from 'node:tls';

const underWay = new WeakMap<object, Map<string, Socket>>();

export function followHandshakes(server: TlsServer): void {
  const sockets = new Map<string, Socket>();
  underWay.set(server, sockets);
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    sockets.set(peer, socket);
    socket.once('close', () => {
      if (sockets.get(peer) === socket) sockets.delete(peer);
    });
  });
  server.on('secureConnection', (socket) => sockets.delete(peerOf(socket)));
}

/** Lets go of the clients that have not finished their handshake: none of them has asked for anything. */
export function dropHandshakes(server: object): void {
  for (const socket of underWay.get(server)?.values() ?? []) socket.destroy();
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
