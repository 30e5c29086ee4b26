import {
  address,
  label,
  objectName,
  oneOf,
  path,
  wholeNumber,
  word,
  type Parser,
} from './parsers.ts';
import { restartRows } from './restarts.ts';
import { optional, since, type Row, type Value } from './row.ts';

const port = wholeNumber(0, 65_535);

/** Every setting that has one value. Its key is written `webhook-port` in files and on the command line. */
export const table = {
  role: {
    group: 'What it does',
    parser: oneOf('webhook', 'controller', 'all'),
    default: 'webhook',
    help: 'What this process is: `webhook` answers the API server when pods are created, `controller` finds the pods that came too early and restarts their workloads, `all` does both.',
    since,
  },
  config: {
    group: 'What it does',
    parser: optional(path),
    default: undefined,
    unset: 'no file',
    help: 'YAML file with further settings. It cannot name another one.',
    since,
  },
  manifests: {
    group: 'What it does',
    parser: optional(path),
    default: undefined,
    unset: 'a cluster is read',
    help: 'Folder of manifests that stands in for a cluster: Namespaces and Instrumentations are read from its files, again when they change.',
    since,
  },
  kubeconfig: {
    group: 'What it does',
    parser: optional(path),
    default: undefined,
    unset: 'the usual places',
    help: 'File that says how to reach the cluster. The usual places are KUBECONFIG, ~/.kube/config and, in a pod, its ServiceAccount.',
    since,
  },
  context: {
    group: 'What it does',
    parser: optional(word),
    default: undefined,
    unset: 'the current one',
    help: 'Context of the kubeconfig.',
    since,
  },
  bindAddress: {
    group: 'Ports',
    parser: optional(address),
    default: undefined,
    unset: 'every address',
    help: 'Address that all ports are opened on.',
    since,
  },
  webhookPort: {
    group: 'Ports',
    parser: port,
    default: 9443,
    help: 'Port on which the API server calls, by HTTPS. With 0 any free port is taken.',
    since,
  },
  metricsPort: {
    group: 'Ports',
    parser: port,
    default: 8080,
    help: 'Port of `/metrics`, by plain HTTP. It may be the one of the probes.',
    since,
  },
  probePort: {
    group: 'Ports',
    parser: port,
    default: 8081,
    help: 'Port of `/healthz` and `/readyz`, by plain HTTP.',
    since,
  },
  pagePort: {
    group: 'Ports',
    parser: optional(port),
    default: undefined,
    unset: 'no page',
    help: 'Port of the status page of the controller, by plain HTTP. The page changes nothing and asks nobody who they are, and it names every workload. With 0 any free port is taken.',
    since,
  },
  bodyLimitBytes: {
    group: 'Limits',
    parser: wholeNumber(65_536, 67_108_864),
    default: 8_388_608,
    help: 'Longest review that is read. The API server itself stores nothing that comes near.',
    since,
  },
  requestsAtOnce: {
    group: 'Limits',
    parser: wholeNumber(1, 10_000),
    default: 256,
    help: 'Reviews in work at one time. What comes beyond is admitted as it is, at once.',
    since,
  },
  stopDelayMs: {
    group: 'Limits',
    parser: wholeNumber(0, 60_000),
    default: 5_000,
    help: 'How long reviews are still taken after the signal to stop, while the cluster learns that this replica is no longer ready.',
    since,
  },
  stopLimitMs: {
    group: 'Limits',
    parser: wholeNumber(100, 300_000),
    default: 20_000,
    help: 'How long the reviews in work may then take. Together with `stop-delay-ms` it must stay below terminationGracePeriodSeconds of the pod.',
    since,
  },
  certificates: {
    group: 'Certificates',
    parser: oneOf('self-managed', 'files'),
    default: 'self-managed',
    help: 'Where the certificate of the webhook comes from. `self-managed`: issued, kept in a Secret, renewed and published by the webhook itself. `files`: made by others, such as cert-manager, and read again when it changes.',
    since,
  },
  certificateDir: {
    group: 'Certificates',
    parser: optional(path),
    default: undefined,
    unset: 'none',
    help: 'Folder with `tls.crt` and `tls.key`, for `files`.',
    since,
  },
  namespace: {
    group: 'Names',
    parser: label,
    default: 'otel-retrofit',
    help: 'Namespace of this installation.',
    since,
  },
  serviceName: {
    group: 'Names',
    parser: label,
    default: 'otel-retrofit-webhook',
    help: 'Service by which the API server reaches the webhook. The certificate is made out to it.',
    since,
  },
  secretName: {
    group: 'Names',
    parser: objectName,
    default: 'otel-retrofit-certificates',
    help: 'Secret that holds the authority and the certificate when they are self-managed.',
    since,
  },
  webhookConfigurationName: {
    group: 'Names',
    parser: objectName,
    default: 'otel-retrofit',
    help: 'The MutatingWebhookConfiguration and the ValidatingWebhookConfiguration into which the authority is written.',
    since,
  },
  leaseName: {
    group: 'Names',
    parser: objectName,
    default: 'otel-retrofit-controller',
    help: 'Lease by which the controllers of this installation agree on the one that restarts.',
    since,
  },
  ...restartRows,
  logLevel: {
    group: 'Log',
    parser: oneOf('error', 'warn', 'info', 'debug'),
    default: 'info',
    help: 'The least grave lines that are written.',
    since,
  },
  logFormat: {
    group: 'Log',
    parser: oneOf('auto', 'json', 'text'),
    default: 'auto',
    help: 'Form of the log. `auto` is `text` on a terminal and `json` elsewhere.',
    since,
  },
} as const satisfies Record<string, Row<Value>>;

type ValueOf<R> = R extends { parser: Parser<infer T> } ? T : never;

/** The values of `table`. */
export type Values = { readonly [K in keyof typeof table]: ValueOf<(typeof table)[K]> };
