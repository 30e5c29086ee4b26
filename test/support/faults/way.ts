import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface Proxy {
  readonly url: string;
  /** To where it was asked for a way, in turn. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

/** A proxy of the loopback that gives everybody a way. */
export async function startProxy(): Promise<Proxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket | Duplex>();
  const server = createServer();
  server.on('connect', ({ url = '' }: IncomingMessage, near: Duplex) => {
    asked.push(url);
    const { hostname, port } = new URL(`http://${url}`);
    const far = connect(Number(port), hostname, () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n');
      near.pipe(far).pipe(near);
    });
    for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
