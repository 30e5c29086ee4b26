import type { JsonObject } from '../../domain/json.ts';
import { podOf } from '../pods.ts';

export interface Body {
  readonly label: string;
  readonly path: string;
  readonly text: string;
}

const body = (label: string, bytes: number, asks: boolean): Body => ({
  label,
  path: '/mutate-pod?timeout=3s',
  text: JSON.stringify(reviewOf(podOf(bytes, asks))),
});

/** Where this stands in a body the number of the request is written, so that no two are alike. */
export const turnMark = 'turn-0000000000';

export const bodies: readonly [Body, Body, Body, Body] = [
  body('8 KB, asks', 7_000, true),
  body('8 KB, asks for nothing', 7_000, false),
  body('64 KB, asks', 63_000, true),
  unlike(body('8 KB, asks, no two alike', 7_000, true)),
];

/** The webhook knows pods of one template; here each is the first of another. */
function unlike({ text, ...rest }: Body): Body {
  return { ...rest, text: text.replace('"cart-6f7d8c9b54-"', `"${turnMark}-"`) };
}

/** As an API server sends it, member for member in its order. */
function reviewOf(object: JsonObject): JsonObject {
  const pods = { group: '', version: 'v1', resource: 'pods' };
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind,
      resource: pods,
      requestKind: kind,
      requestResource: pods,
      namespace: 'shop',
      operation: 'CREATE',
      userInfo: {
        username: 'system:serviceaccount:kube-system:replicaset-controller',
        uid: '5a4f1c0e-93a1-4f0e-8d0c-2f1f5c8b9a10',
        groups: [
          'system:serviceaccounts',
          'system:serviceaccounts:kube-system',
          'system:authenticated',
        ],
        extra: {
          'authentication.kubernetes.io/credential-id': [
            'JTI=3f0d8a4e-6f3a-4d0b-9a39-5a4c4d0f6d21',
          ],
        },
      },
      object,
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    },
  };
}
