import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { objectAt, type JsonObject } from '../../../domain/json.ts';
import type { Operation } from '../../../domain/injection/patch.ts';
import { createAuthority } from '../../cluster/plane/certificates.ts';
import { call, type Ground } from './ground.ts';

/** What somebody else's webhook makes of an object. */
export type Word =
  | { readonly kind: 'patch'; readonly patch: readonly Operation[] }
  | { readonly kind: 'denial'; readonly message: string };

export interface Meddling {
  readonly name: string;
  readonly namespace: string;
  readonly group: string;
  readonly resource: string;
  readonly operation: 'CREATE' | 'UPDATE';
  /** Where a later webhook has changed the object. */
  readonly isAskedAgain?: boolean;
  readonly say: (object: JsonObject) => Word;
}

/** Somebody else's webhook, which changes or refuses what is written in one namespace. */
export interface Meddler {
  /** Once; whoever asks again waits for the same. */
  readonly leave: () => Promise<void>;
}

const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

export async function letMeddle(ground: Ground, meddling: Meddling): Promise<Meddler> {
  const authority = createAuthority(new Date());
  const names = { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] };
  const { certificate, key } = authority.issue({ commonName: meddling.name, ...names });
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const review = answer(JSON.parse(await text(request)) as JsonObject, meddling);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(review));
  };
  // An API server keeps its connections. To let go of one while it is taken up again would fail a call.
  const options = { cert: certificate, key, keepAliveTimeout: 0 };
  const server = createServer(options, (...pair) => void respond(...pair));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const caBundle = Buffer.from(authority.certificate).toString('base64');
  const url = `https://localhost:${port}/`;
  await call(ground, 'POST', path, configuration(meddling, { url, caBundle }));
  const leave = async () => {
    await call(ground, 'DELETE', `${path}/${meddling.name}`);
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  };
  let leaving: Promise<void> | undefined;
  return { leave: () => (leaving ??= leave()) };
}

function configuration(meddling: Meddling, clientConfig: JsonObject) {
  const { name, namespace, group, resource, operation, isAskedAgain = false } = meddling;
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name: `${name}.shop.example`,
        admissionReviewVersions: ['v1'],
        clientConfig,
        sideEffects: 'None',
        failurePolicy: 'Fail',
        reinvocationPolicy: isAskedAgain ? 'IfNeeded' : 'Never',
        timeoutSeconds: 10,
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        rules: [
          {
            apiGroups: [group],
            apiVersions: ['v1'],
            operations: [operation],
            resources: [resource],
            scope: 'Namespaced',
          },
        ],
      },
    ],
  };
}

function answer(review: JsonObject, { say }: Meddling): JsonObject {
  const request = objectAt(review, 'request') ?? {};
  const word = say(objectAt(request, 'object') ?? {});
  const uid = request['uid'] ?? '';
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response:
      word.kind === 'denial'
        ? { uid, allowed: false, status: { code: 403, message: word.message } }
        : { uid, allowed: true, ...patchIn(word.patch) },
  };
}

const patchIn = (patch: readonly Operation[]): JsonObject =>
  patch.length === 0
    ? {}
    : { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') };
