import { annotations as keys, marks } from '../../../crds/names.ts';
import { call, eventually, list, type Ground, type Item } from './ground.ts';

const pathIn = (namespace: string) =>
  `/apis/opentelemetry.io/v1alpha1/namespaces/${namespace}/instrumentations`;

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

export interface Instrumentation extends Item {
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly pods?: Readonly<Record<string, number>>;
    readonly workloads?: Readonly<Record<string, number>>;
    readonly breaker?: {
      readonly since: string;
      readonly workload: string;
      readonly reason: string;
    };
    readonly attention?: readonly {
      readonly workload: string;
      readonly reason: string;
      readonly message: string;
    }[];
  };
}

export const usualSpec = { exporter: { endpoint: 'http://otel.obs:4318' } };

export async function instrument(
  ground: Ground,
  namespace: string,
  name = 'agents',
  spec: object = usualSpec,
): Promise<void> {
  const body = {
    apiVersion: 'opentelemetry.io/v1alpha1',
    kind: 'Instrumentation',
    metadata: { name },
    spec,
  };
  await call(ground, 'POST', pathIn(namespace), body);
}

export const readInstrumentation = (ground: Ground, namespace: string, name = 'agents') =>
  call<Instrumentation>(ground, 'GET', `${pathIn(namespace)}/${name}`);

/** The webhook gives new pods what it says. */
export async function untilServed(ground: Ground, namespace: string): Promise<void> {
  await eventually('the webhook knows it', async () => {
    const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
    const metadata = { name: 'tried', annotations: { [keys.inject('java')]: 'true' } };
    const spec = { containers: [{ name: 'app', image: 'shop.example/app:1' }] };
    const pod = await call<Item>(ground, 'POST', path, { metadata, spec });
    return pod.metadata.annotations?.[marks.injected] !== undefined;
  });
}

export const changeInstrumentation = (
  ground: Ground,
  namespace: string,
  patch: object,
  name = 'agents',
) => call<Instrumentation>(ground, 'PATCH', `${pathIn(namespace)}/${name}`, patch);

export const conditionOf = ({ status }: Instrumentation, type: string): Condition | undefined =>
  status?.conditions?.find((condition) => condition.type === type);

export interface KubeEvent extends Item {
  readonly reason: string;
  readonly type: string;
  readonly action: string;
  readonly note: string;
  readonly reportingController: string;
  readonly series?: { readonly count: number };
  readonly regarding: { readonly kind: string; readonly name: string };
  readonly related?: { readonly kind: string; readonly namespace: string; readonly name: string };
}

/** What we have told about one workload. */
export async function eventsOn(
  ground: Ground,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<readonly KubeEvent[]> {
  const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
  const events = await list<KubeEvent>(ground, path);
  return events.filter(
    ({ reportingController, regarding }) =>
      reportingController === 'otel-retrofit.dev/controller' && regarding.name === name,
  );
}
