import { annotations as keys } from '../crds/names.ts';
import type { JsonObject } from '../domain/json.ts';

/** A pod of about so many bytes, as an API server sends it to a webhook. */
export function podOf(bytes: number, asks: boolean): JsonObject {
  const pod = (fill: number): JsonObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: 'cart-6f7d8c9b54-',
      namespace: 'shop',
      creationTimestamp: null,
      labels: { app: 'cart', 'pod-template-hash': '6f7d8c9b54', 'app.kubernetes.io/name': 'cart' },
      annotations: {
        'example.com/team': 'checkout',
        ...(asks ? { [keys.inject('java')]: 'true' } : {}),
      },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'cart-6f7d8c9b54',
          uid: 'u',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      managedFields: fields(fill / 3),
    },
    spec: {
      volumes: [
        {
          name: 'kube-api-access',
          projected: {
            sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }],
            defaultMode: 420,
          },
        },
      ],
      containers: [
        {
          name: 'cart',
          image: 'registry.example/shop/cart:3.4.1',
          env: variables(fill / 3),
          resources: { requests: { cpu: '100m', memory: '128Mi' } },
          volumeMounts: [
            {
              name: 'kube-api-access',
              readOnly: true,
              mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
            },
          ],
          terminationMessagePath: '/dev/termination-log',
          imagePullPolicy: 'IfNotPresent',
        },
        ...sidecars(fill / 3),
      ],
      restartPolicy: 'Always',
      serviceAccountName: 'default',
      schedulerName: 'default-scheduler',
      enableServiceLinks: true,
    },
    status: {},
  });
  const empty = JSON.stringify(pod(0)).length;
  return pod(Math.max(0, bytes - empty));
}

const times = (count: number, make: (index: number) => JsonObject) =>
  Array.from({ length: Math.max(0, Math.round(count)) }, (_, index) => make(index));

const variables = (bytes: number) =>
  times(bytes / 62, (index) => ({
    name: `SETTING_${index}`,
    value: `a-value-of-some-length-${index}`,
  }));

const fields = (bytes: number) =>
  times(bytes / 180, (index) => ({
    manager: 'kube-controller-manager',
    operation: 'Update',
    apiVersion: 'v1',
    time: '2026-11-21T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: { [`f:spec-${index}`]: { 'f:containers': {} } },
  }));

const sidecars = (bytes: number) =>
  times(bytes / 230, (index) => ({
    name: `sidecar-${index}`,
    image: 'registry.example/mesh/proxy:1.29.0',
    args: ['proxy', 'sidecar', '--log-level=info'],
    ports: [{ containerPort: 15_000 + index, protocol: 'TCP' }],
    env: [
      {
        name: 'POD_NAME',
        valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } },
      },
    ],
  }));
