import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Product } from './program.ts';

export interface Balancer {
  readonly port: number;
  stop(): Promise<void>;
}

const lookMs = 20;

/** What a Service is to its callers: new connections go to replicas that say that they are ready. */
export async function balance(replicas: readonly Product[]): Promise<Balancer> {
  const sockets = new Set<Socket>();
  const end = new AbortController();
  let ready: readonly Product[] = [];
  let turn = 0;
  const look = async () => {
    const pages = await Promise.all(replicas.map((replica) => replica.readiness()));
    ready = replicas.filter((_, index) => pages[index]?.code === 200);
  };
  await look();
  const watching = (async () => {
    while (!end.signal.aborted) {
      await pause(lookMs);
      await look();
    }
  })();
  const server = createServer((caller) => {
    const replica = ready[turn++ % Math.max(1, ready.length)];
    if (replica === undefined) {
      caller.destroy();
      return;
    }
    const callee = connect(replica.webhookPort, '127.0.0.1');
    for (const [socket, other] of [
      [caller, callee],
      [callee, caller],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      end.abort();
      await watching;
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
