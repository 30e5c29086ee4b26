import { marks } from '../../../crds/names.ts';
import { objectAt, type JsonObject } from '../../../domain/json.ts';
import { call } from '../../journeys/support/ground.ts';
import { pathOf, type Kind, type Spot } from '../../journeys/support/workloads.ts';
import type { Cluster } from '../../cluster/cluster.ts';

export interface Written {
  readonly kind?: Kind;
  readonly name: string;
  readonly namespace?: string;
  /** Lines that stand under `metadata` of the pod template, as somebody has written them. */
  readonly template?: readonly string[];
  /** Lines that stand under `metadata` of the workload. */
  readonly metadata?: readonly string[];
  readonly image?: string;
}

const indented = (lines: readonly string[], depth: number) =>
  lines.map((line) => `${' '.repeat(depth)}${line}\n`).join('');

/** As text, for what an empty key means to a tool is the point. */
export function manifestOf(written: Written): string {
  const { kind = 'Deployment', name, namespace, template = [], metadata = [] } = written;
  const { image = 'shop.example/app:1' } = written;
  const place = namespace === undefined ? [] : [`namespace: ${namespace}`];
  return `apiVersion: apps/v1
kind: ${kind}
metadata:
  name: ${name}
${indented([...place, ...metadata], 2)}spec:
${indented(kind === 'DaemonSet' ? [] : ['replicas: 2'], 2)}  selector:
    matchLabels:
      of: ${name}
  template:
    metadata:
      labels:
        of: ${name}
${indented(template, 6)}    spec:
      terminationGracePeriodSeconds: 0
      tolerations:
        - operator: Exists
      containers:
        - name: app
          image: ${image}
          readinessProbe:
            httpGet:
              path: /
              port: 80
`;
}

/** A namespace in which every pod asks for Java, whatever its template says. */
export const askingNamespace = (name: string): string => `apiVersion: v1
kind: Namespace
metadata:
  name: ${name}
  annotations:
    instrumentation.opentelemetry.io/inject-java: 'true'
`;

export const instrumentationIn = (
  namespace: string,
): string => `apiVersion: opentelemetry.io/v1alpha1
kind: Instrumentation
metadata:
  name: agents
  namespace: ${namespace}
spec:
  exporter:
    endpoint: http://otel.obs:4318
`;

interface Full {
  readonly metadata: {
    readonly generation: number;
    readonly resourceVersion: string;
    readonly managedFields: readonly {
      readonly manager: string;
      readonly operation: string;
      readonly fieldsV1: JsonObject;
    }[];
  };
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
      readonly spec: { readonly containers: readonly { readonly image: string }[] };
    };
  };
}

export interface Seen {
  readonly marker: string | undefined;
  readonly restartedAt: string | undefined;
  readonly image: string | undefined;
  readonly generation: number;
  readonly resourceVersion: string;
  /** Who has a share in the annotations of the template, such as `otel-retrofit/Update`. */
  readonly managers: readonly string[];
}

export async function look(cluster: Cluster, spot: Spot): Promise<Seen> {
  const { metadata, spec } = await call<Full>(cluster, 'GET', pathOf(spot));
  const { annotations = {} } = spec.template.metadata;
  const managers = metadata.managedFields
    .filter(({ fieldsV1 }) => hasAnnotations(fieldsV1))
    .map(({ manager, operation }) => `${manager}/${operation}`);
  return {
    marker: annotations[marks.restart],
    restartedAt: annotations['kubectl.kubernetes.io/restartedAt'],
    image: spec.template.spec.containers[0]?.image,
    generation: metadata.generation,
    resourceVersion: metadata.resourceVersion,
    managers,
  };
}

const hasAnnotations = (fields: JsonObject): boolean =>
  ['f:spec', 'f:template', 'f:metadata', 'f:annotations'].reduce<JsonObject | undefined>(
    (object, key) => object && objectAt(object, key),
    fields,
  ) !== undefined;
