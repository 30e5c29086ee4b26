import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { isObject, listAt, objectAt, type JsonObject } from '../../../domain/json.ts';
import { createAuthority } from '../plane/certificates.ts';
import type { Cluster } from '../cluster.ts';

/** Another webhook in the cluster, which adds a container to the pods of one namespace. */
export interface Neighbour {
  /** How often it was asked. */
  readonly calls: number;
  stop(): Promise<void>;
}

export interface Move {
  readonly name: string;
  readonly namespace: string;
  readonly container: JsonObject;
}

export async function moveIn(
  { adminClient }: Cluster,
  { name, namespace, container }: Move,
): Promise<Neighbour> {
  const authority = createAuthority(new Date());
  const names = { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] };
  const { certificate, key } = authority.issue({ commonName: name, ...names });
  let calls = 0;
  const server = createServer({ cert: certificate, key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      calls += 1;
      const review = JSON.parse(Buffer.concat(chunks).toString()) as JsonObject;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer(review, container)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
  const caBundle = Buffer.from(authority.certificate).toString('base64');
  await adminClient.call('POST', path, configuration({ name, namespace }, port, caBundle));
  return {
    get calls() {
      return calls;
    },
    stop: async () => {
      await adminClient.call('DELETE', `${path}/${name}`);
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

function configuration(
  { name, namespace }: Omit<Move, 'container'>,
  port: number,
  caBundle: string,
) {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name: `${name}.test.example`,
        admissionReviewVersions: ['v1'],
        clientConfig: { url: `https://localhost:${port}/`, caBundle },
        sideEffects: 'None',
        reinvocationPolicy: 'IfNeeded',
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        rules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
        ],
      },
    ],
  };
}

/** Adds its container where it is not there yet. */
function answer(review: JsonObject, container: JsonObject): JsonObject {
  const request = objectAt(review, 'request') ?? {};
  const spec = objectAt(objectAt(request, 'object') ?? {}, 'spec') ?? {};
  const there = (listAt(spec, 'containers') ?? []).filter(isObject);
  const isThere = there.some(({ name }) => name === container['name']);
  const patch = JSON.stringify([{ op: 'add', path: '/spec/containers/-', value: container }]);
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid: request['uid'] ?? '',
      allowed: true,
      ...(isThere ? {} : { patchType: 'JSONPatch', patch: Buffer.from(patch).toString('base64') }),
    },
  };
}
