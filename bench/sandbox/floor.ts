import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { makeCertificates } from '../../test/support/faults/certificate.ts';
import { podsPerWorkload, type Deployment } from './deployment.ts';

/**
 * The least that a server of watched objects can do: it reads a body, keeps it, and tells all who
 * watch. A Deployment becomes as many copies of its pod at once, each of them told like any other.
 */
const objects = new Map<string, object>();
const watchers = new Set<ServerResponse>();

function keep(path: string, object: object): void {
  const line = `${JSON.stringify({ type: 'ADDED', object })}\n`;
  objects.set(path, JSON.parse(line) as object);
  for (const watcher of watchers) watcher.write(line);
}

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = (await json(request)) as object;
  keep(`${request.url}/${objects.size}`, body);
  if ('spec' in body) {
    const { metadata, spec } = (body as Deployment).spec.template;
    for (let pod = 0; pod < podsPerWorkload; pod++) {
      const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
      keep(`pods/${objects.size}`, { metadata, spec, status });
    }
  }
  response.end(JSON.stringify(body));
}

function watch(url: string, response: ServerResponse): void {
  response.flushHeaders();
  const { pathname } = new URL(url, 'https://floor');
  for (const [path, object] of objects) {
    if (path.startsWith(pathname)) response.write(`${JSON.stringify(object)}\n`);
  }
  watchers.add(response);
  response.on('close', () => watchers.delete(response));
}

const { ca, server: identity } = await makeCertificates();
const server = createServer(identity, (request, response) => {
  response.writeHead(request.method === 'POST' ? 201 : 200, { 'content-type': 'application/json' });
  if (request.method === 'GET') watch(request.url ?? '/', response);
  else void take(request, response);
});
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const { port } = server.address() as AddressInfo;
console.log(JSON.stringify({ server: `https://127.0.0.1:${port}`, caPem: ca, token: 'floor' }));
