import { createServer } from 'node:net';
import { threadId } from 'node:worker_threads';
import type { Container } from './shapes.ts';

/** Where each port of a pod's containers really is: all pods share the ports of this machine. */
export type Ports = ReadonlyMap<number, number>;

export function portOf(ports: Ports, container: Container, port: number | string): number {
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  const number = named ?? Number(port);
  return ports.get(number) ?? number;
}

/** A port is rewritten where it is all there is to listen at, and not where it is somebody else's. */
export function withPorts(text: string, ports: Ports): string {
  const [, before = '', port] = listening.exec(text) ?? [];
  const own = port === undefined ? undefined : ports.get(Number(port));
  return own === undefined ? text : `${before}${own}`;
}

const listening =
  /^((?:--?[\w.-]+=)?(?:(?:0\.0\.0\.0|127\.0\.0\.1|localhost|\[::\]|\*)?:)?)(\d{1,5})$/;

const lowest = 20_000;
const count = 12_000;

/** Shared by all nodes of this thread; other threads and other runs begin elsewhere. */
let last = process.pid * 64 + threadId * 1024;

/** A free port below those that the system gives to outgoing connections; none is given twice in a row. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < count; tries += 1) {
    last += 1;
    const port = lowest + (last % count);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port from ${lowest} to ${lowest + count} on 127.0.0.1.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
