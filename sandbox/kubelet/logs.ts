import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority } from '../certificates.ts';

interface Asked {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** The log of the run before the last restart. */
  readonly isPrevious: boolean;
}

/** The one thing that an API server asks of a kubelet here: what a container has written. */
export async function serveLogs(
  find: (asked: Asked) => string | undefined,
): Promise<{ readonly port: number; close(): void }> {
  const own = createAuthority(new Date()).issue({ name: 'kubelet', addresses: ['127.0.0.1'] });
  const server = createServer({ cert: own.certificate, key: own.key }, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://kubelet');
    const [, , namespace = '', pod = '', container = ''] = pathname.split('/');
    const isPrevious = searchParams.get('previous') === 'true';
    const text = find({ namespace, pod, container, isPrevious });
    if (text === undefined) {
      response.writeHead(404).end(`no log of container "${container}" in pod "${pod}"\n`);
      return;
    }
    const tail = Number(searchParams.get('tailLines') ?? Infinity);
    const lines = text.split(/(?<=\n)/);
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.end(lines.slice(Math.max(0, lines.length - tail)).join(''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
