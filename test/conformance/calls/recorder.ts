import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority } from '../../../sandbox/certificates.ts';
import type { Heard } from './call.ts';

export interface Recorder {
  readonly server: string;
  readonly caPem: string;
  readonly heard: Heard[];
  stop(): Promise<void>;
}

interface Upstream {
  readonly server: string;
  readonly caPem: string;
}

/** Stands before an API server and notes what passes: the audit log does not know kinds of patches. */
export async function startRecorder({ server: upstream, caPem: ca }: Upstream): Promise<Recorder> {
  const authority = createAuthority(new Date());
  const { certificate: cert, key } = authority.issue({
    name: 'recorder',
    addresses: ['127.0.0.1'],
  });
  const heard: Heard[] = [];
  const server = createServer({ cert, key }, (incoming, outgoing) => {
    const { method = 'GET', url: path = '/', headers } = incoming;
    heard.push({ method, path, type: headers['content-type'] ?? '' });
    const { host: _host, ...passedOn } = headers;
    const asked = request(`${upstream}${path}`, { method, headers: passedOn, ca }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      answer.pipe(outgoing);
    });
    asked.on('error', () => outgoing.destroy());
    outgoing.on('close', () => asked.destroy());
    incoming.pipe(asked);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caPem: authority.certificate,
    heard,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
