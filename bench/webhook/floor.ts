import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/*
 * The least that any webhook in JavaScript must do: take the bytes, parse the review, and answer
 * what it was told to answer. It looks at nothing, checks nothing, and counts nothing.
 */

const [directory = '.', file = ''] = process.argv.slice(2);

/** The patch for each body, by the path that it is sent to; with none the answer is a bare `allowed`. */
const patches = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, string>>;

interface Review {
  readonly request: { readonly uid: string };
}

const server = createServer(
  {
    cert: readFileSync(join(directory, 'tls.crt')),
    key: readFileSync(join(directory, 'tls.key')),
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    keepAliveTimeout: 120_000,
  },
  (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { uid } = (JSON.parse(Buffer.concat(chunks).toString()) as Review).request;
      const patch = patches[request.url ?? ''];
      const body = JSON.stringify({
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: {
          uid,
          allowed: true,
          ...(patch === undefined ? {} : { patchType: 'JSONPatch', patch }),
        },
      });
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      });
      response.end(body);
    });
  },
);

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ msg: 'serving', webhookPort: port }));
});
process.on('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
