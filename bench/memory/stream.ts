import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeCertificates } from '../../test/support/faults/certificate.ts';
import { podOf } from './pods.ts';

export interface Source {
  readonly server: string;
  readonly caPem: string;
  readonly stop: () => Promise<void>;
}

/** Sends initial events as an API server does, one write for each, as fast as they are taken. */
export async function serveStream(pods: number): Promise<Source> {
  const { ca, server: identity } = await makeCertificates();
  const server = createServer(identity, (request, response) => {
    const url = new URL(request.url ?? '/', 'https://any');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const count = url.pathname === '/api/v1/pods' && isFirst(url) ? pods : 0;
    void send(response, count).catch(() => response.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caPem: ca,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

const isFirst = ({ searchParams }: URL) => searchParams.get('sendInitialEvents') === 'true';

async function send(response: ServerResponse, pods: number): Promise<void> {
  for (let n = 0; n < pods; n += 1) {
    const event = { type: 'ADDED', object: { kind: 'Pod', apiVersion: 'v1', ...podOf(n) } };
    if (!response.write(`${JSON.stringify(event)}\n`))
      await new Promise((done) => response.once('drain', done));
  }
  response.write(`${JSON.stringify(end)}\n`);
}

const end = {
  type: 'BOOKMARK',
  object: {
    kind: 'Any',
    apiVersion: 'v1',
    metadata: {
      resourceVersion: '9000000',
      annotations: { 'k8s.io/initial-events-end': 'true' },
    },
  },
};
