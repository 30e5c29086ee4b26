import type { Fields } from '../api.ts';
import type { Thing } from './json.ts';

/** A resource as it is served: the same objects may be served under several groups or versions. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly short: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly string[];
  /** Whether the generation grows with what is neither metadata nor status, and with annotations too. */
  readonly growth: 'never' | 'content' | 'annotated';
  /** The objects' home in the store. */
  readonly storage: string;
  /** Fields that a selector may name beside name and namespace, and where they lie. */
  readonly fields: Readonly<Record<string, string>>;
  /** Of a custom resource: what its definition says of this version. */
  readonly custom?: { readonly schema: Fields; readonly columns: readonly Fields[] };
  /** Where the stored form differs: the names as stored, and as served. */
  readonly names?: readonly (readonly [string, string])[];
}

const table = `
v1                            Namespace     namespaces     ns      cluster  status,finalize     never
v1                            Node          nodes          no      cluster  status              never
v1                            Pod           pods           po      all      status,binding,log  content
v1                            Service       services       svc     all      status              never
v1                            ConfigMap     configmaps     cm      -        -                   never
v1                            Secret        secrets        -       -        -                   never
v1                            ServiceAccount  serviceaccounts  sa  -        token               never
v1                            Event         events         ev      -        -                   never
events.k8s.io/v1              Event         events         ev      -        -                   never
apps/v1                       Deployment    deployments    deploy  all      status,scale        annotated
apps/v1                       ReplicaSet    replicasets    rs      all      status,scale        content
apps/v1                       StatefulSet   statefulsets   sts     all      status,scale        content
apps/v1                       DaemonSet     daemonsets     ds      all      status              content
apps/v1                       ControllerRevision  controllerrevisions  -  -  -                  never
batch/v1                      Job           jobs           -       all      status              content
coordination.k8s.io/v1        Lease         leases         -       -        -                   never
policy/v1                     PodDisruptionBudget  poddisruptionbudgets  pdb  -  status         content
admissionregistration.k8s.io/v1  MutatingWebhookConfiguration    mutatingwebhookconfigurations    -  cluster  -  content
admissionregistration.k8s.io/v1  ValidatingWebhookConfiguration  validatingwebhookconfigurations  -  cluster  -  content
apiextensions.k8s.io/v1       CustomResourceDefinition  customresourcedefinitions  crd,crds  cluster  status  content
`;

const about = ['apiVersion', 'fieldPath', 'kind', 'name', 'namespace', 'resourceVersion', 'uid'];
const aboutAs = (prefix: string) =>
  Object.fromEntries(about.map((name) => [`${prefix}.${name}`, `involvedObject.${name}`]));
const same = (...paths: readonly string[]) => Object.fromEntries(paths.map((path) => [path, path]));

const selectable: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Namespace: same('status.phase'),
  Node: same('spec.unschedulable'),
  Secret: same('type'),
  Event: {
    ...same('reason', 'type', 'reportingComponent'),
    reportingController: 'reportingComponent',
    ...aboutAs('involvedObject'),
    ...aboutAs('regarding'),
  },
  Pod: same(
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.podIPs',
    'status.nominatedNodeName',
  ),
};

/** An Event is stored as the core group has it; the newer group has other names for the same fields. */
const eventNames = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
] as const;

const listed = (text: string) => (text === '-' ? [] : text.split(','));

export const builtIn: readonly Kind[] = table
  .trim()
  .split('\n')
  .map((line) => {
    const [
      apiVersion = '',
      kind = '',
      plural = '',
      short = '',
      scope = '',
      subresources = '',
      growth = '',
    ] = line.split(/\s+/);
    const [version = '', group = ''] = apiVersion.split('/').toReversed();
    return {
      group,
      version,
      kind,
      plural,
      namespaced: scope !== 'cluster',
      short: listed(short),
      categories: scope === 'all' ? ['all'] : [],
      subresources: listed(subresources),
      growth: growth as Kind['growth'],
      storage: group === '' || kind === 'Event' ? plural : `${plural}.${group}`,
      fields: selectable[kind] ?? {},
      ...(group === 'events.k8s.io' ? { names: eventNames } : {}),
    };
  });

/** How the object is told at this address, and how it is stored: inverse to each other. */
export const served = ({ names }: Kind, thing: Thing): Thing =>
  names === undefined ? thing : renamed(thing, new Map(names));
export const stored = ({ names }: Kind, thing: Thing): Thing =>
  names === undefined
    ? thing
    : renamed(thing, new Map(names.map(([home, abroad]) => [abroad, home])));

const renamed = (thing: Thing, names: ReadonlyMap<string, string>): Thing =>
  Object.fromEntries(
    Object.entries(thing).map(([name, value]) => [names.get(name) ?? name, value]),
  ) as Thing;
