import type { Identity } from './certificates.ts';
import type { Access } from './client.ts';

/** What one control plane is made of, so far as its flags speak of it. */
export interface Layout {
  readonly file: (name: string) => string;
  readonly etcdPort: number;
  readonly apiPort: number;
  readonly controllerPort: number;
  /** Whether it is asked who may do what. */
  readonly roles: boolean;
  /** A minor the programs speak for, such as `1.33`. */
  readonly emulated?: string;
  /** For the API server alone: the controllers know only some of its gates. */
  readonly featureGates?: Readonly<Record<string, boolean>>;
}

/** Nothing on disk is worth keeping, so nothing waits for the disk. */
export const etcdFlags = ({ file, etcdPort }: Layout): readonly string[] => [
  `--data-dir=${file('etcd')}`,
  `--listen-client-urls=${etcdUrl(etcdPort)}`,
  `--advertise-client-urls=${etcdUrl(etcdPort)}`,
  '--listen-peer-urls=http://127.0.0.1:0',
  '--unsafe-no-fsync',
  '--log-level=warn',
];

const asking = ['--authorization-mode=RBAC'];
const permitting = [
  '--authorization-mode=AlwaysAllow',
  '--runtime-config=rbac.authorization.k8s.io/v1=false',
];

/**
 * All admission plugins stay on, ServiceAccount too: so every pod carries the token volume it has
 * in a real cluster. The short watch grace keeps an open watch from holding the stop for a minute.
 */
export const apiServerFlags = (layout: Layout): readonly string[] => [
  `--etcd-servers=${etcdUrl(layout.etcdPort)}`,
  `--secure-port=${layout.apiPort}`,
  '--bind-address=127.0.0.1',
  '--advertise-address=127.0.0.1',
  '--endpoint-reconciler-type=none',
  '--service-cluster-ip-range=10.0.0.0/24',
  `--client-ca-file=${layout.file('ca.crt')}`,
  `--tls-cert-file=${layout.file('server.crt')}`,
  `--tls-private-key-file=${layout.file('server.key')}`,
  '--service-account-issuer=https://kubernetes.default.svc',
  `--service-account-key-file=${layout.file('tokens.key')}`,
  `--service-account-signing-key-file=${layout.file('tokens.key')}`,
  `--token-auth-file=${layout.file('tokens.csv')}`,
  '--anonymous-auth=false',
  ...(layout.roles ? asking : permitting),
  '--allow-privileged=true',
  `--audit-policy-file=${layout.file('audit-policy.json')}`,
  `--audit-log-path=${layout.file('audit.log')}`,
  '--audit-log-mode=blocking-strict',
  '--audit-log-maxsize=4096',
  '--shutdown-watch-termination-grace-period=1s',
  ...gateFlags(layout.featureGates ?? {}),
  ...emulationFlags(layout),
];

const controllers = [
  'deployment-controller',
  'replicaset-controller',
  'statefulset-controller',
  'daemonset-controller',
  'job-controller',
  'garbage-collector-controller',
  'namespace-controller',
  'serviceaccount-controller',
  'root-ca-certificate-publisher-controller',
  'disruption-controller',
  'node-lifecycle-controller',
  'taint-eviction-controller',
  'pod-garbage-collector-controller',
  'resourcequota-controller',
  'clusterrole-aggregation-controller',
];

/**
 * Each controller acts as its own ServiceAccount, as in real clusters, and not as one almighty
 * user. With the client limits it has by default it would wait four seconds for itself.
 */
export const controllerManagerFlags = (layout: Layout): readonly string[] => [
  `--kubeconfig=${layout.file('controller-manager.kubeconfig')}`,
  '--leader-elect=false',
  '--use-service-account-credentials=true',
  '--kube-api-qps=2000',
  '--kube-api-burst=4000',
  `--service-account-private-key-file=${layout.file('tokens.key')}`,
  `--root-ca-file=${layout.file('ca.crt')}`,
  `--secure-port=${layout.controllerPort}`,
  '--bind-address=127.0.0.1',
  `--controllers=${controllers.join(',')}`,
  ...emulationFlags(layout),
];

/** Who did what, in one line for each answer, but not what the control plane says to itself. */
export const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'None', nonResourceURLs: ['/readyz'] },
    { level: 'None', users: ['system:apiserver', 'system:kube-controller-manager'] },
    { level: 'None', userGroups: ['system:serviceaccounts:kube-system'] },
    { level: 'Metadata' },
  ],
};

/** A kubeconfig with one context; JSON is YAML enough for every reader. */
export function kubeconfigOf({ server, caPem, token, ...identity }: Access): string {
  const user = token === undefined ? certificateUser(identity) : { token };
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': base64(caPem) } }],
    users: [{ name: 'test', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
  return `${JSON.stringify(kubeconfig, undefined, 2)}\n`;
}

const certificateUser = ({ certificate = '', key = '' }: Partial<Identity>) => ({
  'client-certificate-data': base64(certificate),
  'client-key-data': base64(key),
});

const base64 = (pem: string) => Buffer.from(pem).toString('base64');

const etcdUrl = (port: number) => `http://127.0.0.1:${port}`;

const emulationFlags = ({ emulated }: Layout) =>
  emulated === undefined ? [] : [`--emulated-version=kube=${emulated}`];

function gateFlags(gates: Readonly<Record<string, boolean>>): readonly string[] {
  const pairs = Object.entries(gates).map(([gate, isOn]) => `${gate}=${isOn}`);
  return pairs.length === 0 ? [] : [`--feature-gates=${pairs.join(',')}`];
}
