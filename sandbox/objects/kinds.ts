import type { Fields } from '../api.ts';
import { schemaOf } from './builtin.ts';
import { put, without, type Thing } from './json.ts';

/** A resource as it is served: the same objects may be served under several groups or versions. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly short: readonly string[];
  readonly subresources: readonly string[];
  /** Whether the generation grows with what is neither metadata nor status, and with annotations too. */
  readonly growth: 'never' | 'content' | 'annotated';
  /** The objects' home in the store. */
  readonly storage: string;
  readonly schema: Fields;
  /** Of a custom resource: what `kubectl get` shows beside the name. */
  readonly columns?: readonly Fields[];
}

export const versionOf = ({ group, version }: Pick<Kind, 'group' | 'version'>) =>
  group === '' ? version : `${group}/${version}`;

/** People defined it: it is pruned more strictly, and takes no strategic patch. */
export const isCustom = ({ columns }: Kind) => columns !== undefined;

const table = `
v1                               Namespace                       namespaces                       ns      cluster  status,finalize     never
v1                               Node                            nodes                            no      cluster  status              never
v1                               Pod                             pods                             po      -        status,binding,log  content
v1                               Service                         services                         svc     -        status              never
v1                               ConfigMap                       configmaps                       cm      -        -                   never
v1                               Secret                          secrets                          -       -        -                   never
v1                               ServiceAccount                  serviceaccounts                  sa      -        token               never
v1                               Event                           events                           ev      -        -                   never
v1                               LimitRange                      limitranges                      limits  -        -                   never
events.k8s.io/v1                 Event                           events                           ev      -        -                   never
apps/v1                          Deployment                      deployments                      deploy  -        status              annotated
apps/v1                          ReplicaSet                      replicasets                      rs      -        status              content
apps/v1                          StatefulSet                     statefulsets                     sts     -        status              content
apps/v1                          DaemonSet                       daemonsets                       ds      -        status              content
apps/v1                          ControllerRevision              controllerrevisions              -       -        -                   never
batch/v1                         Job                             jobs                             -       -        status              content
coordination.k8s.io/v1           Lease                           leases                           -       -        -                   never
policy/v1                        PodDisruptionBudget             poddisruptionbudgets             pdb     -        status              content
networking.k8s.io/v1             NetworkPolicy                   networkpolicies                  netpol  -        -                   content
admissionregistration.k8s.io/v1  MutatingWebhookConfiguration    mutatingwebhookconfigurations    -       cluster  -                   content
admissionregistration.k8s.io/v1  ValidatingWebhookConfiguration  validatingwebhookconfigurations  -       cluster  -                   content
apiextensions.k8s.io/v1          CustomResourceDefinition        customresourcedefinitions        crd     cluster  status              content
`;

const rows = table.trim().split('\n');
const listed = (text: string) => (text === '-' ? [] : text.split(','));

export const builtIn: readonly Kind[] = rows.map((row) => {
  const [apiVersion = '', kind = '', plural = '', short = '', scope, parts = '', growth] =
    row.split(/\s+/);
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  return {
    group,
    version,
    kind,
    plural,
    namespaced: scope !== 'cluster',
    short: listed(short),
    subresources: listed(parts),
    growth: growth as Kind['growth'],
    storage: group === '' || kind === 'Event' ? plural : `${plural}.${group}`,
    schema: schemaOf(kind),
  };
});

/** An Event is stored as the core group has it; the newer group has other names for the same fields. */
const eventNames = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
] as const;

/** How the object is told at this address, and how it is stored: inverse to each other. */
export const served = (kind: Kind, thing: Thing) => renamed(kind, thing, eventNames);
export const stored = (kind: Kind, thing: Thing) => renamed(kind, thing, homeward);

const homeward = eventNames.map(([home, away]) => [away, home] as const);

function renamed({ group }: Kind, thing: Thing, names: readonly (readonly [string, string])[]) {
  if (group !== 'events.k8s.io') return thing;
  const old = names.map(([from]) => from);
  const renames = names.map(([from, to]) => [to, thing[from]] as const);
  return renames.reduce(
    (event, [name, value]) => put(event, name, value),
    without(thing, ...old) as Thing,
  );
}

/** The object with its type, as the answer to a get or inside a watch event. */
export const whole = (kind: Kind, thing: Thing): Fields => ({
  kind: kind.kind,
  apiVersion: versionOf(kind),
  ...served(kind, thing),
});
