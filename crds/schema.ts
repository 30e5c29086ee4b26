/** The parts of a CustomResourceDefinition that types and the reference page are rendered from. */
export interface CustomResourceDefinition {
  readonly spec: {
    readonly group: string;
    readonly names: {
      readonly kind: string;
      readonly plural: string;
      readonly shortNames: readonly string[];
    };
    readonly versions: readonly [Version, ...Version[]];
  };
}

interface Version {
  readonly name: string;
  readonly additionalPrinterColumns: readonly Column[];
  readonly schema: { readonly openAPIV3Schema: Schema };
}

export interface Column {
  readonly name: string;
  readonly description: string;
  /** Above 0 the column is shown by `kubectl get -o wide` alone. */
  readonly priority?: number;
}

export interface Schema {
  /** Everywhere but on `metadata`, where Kubernetes allows none. */
  readonly description?: string;
  readonly type?: 'array' | 'boolean' | 'integer' | 'object' | 'string';
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly { readonly type: string }[];
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-validations'?: readonly Rule[];
}

export interface Rule {
  readonly rule: string;
  readonly message: string;
  /** Where the fault is reported, below the schema that carries the rule: `.argument`. */
  readonly fieldPath?: string;
}

/** A schema and its place: `spec.env[].name`, `status.resolved{}.image`, or nothing for the root. */
export interface Node {
  readonly path: string;
  readonly schema: Schema;
}

export function rootOf(crd: CustomResourceDefinition): Node {
  return { path: '', schema: crd.spec.versions[0].schema.openAPIV3Schema };
}

/** The schema and all beneath it, parents before children, in the order of the YAML. */
export function walk(node: Node): Node[] {
  return [node, ...childrenOf(node).flatMap(walk)];
}

export function childrenOf({ path, schema }: Node): Node[] {
  const below = Object.entries(schema.properties ?? {}).map(([name, child]) => ({
    path: path === '' ? name : `${path}.${name}`,
    schema: child,
  }));
  if (schema.items !== undefined) below.push({ path: `${path}[]`, schema: schema.items });
  if (schema.additionalProperties !== undefined) {
    below.push({ path: `${path}{}`, schema: schema.additionalProperties });
  }
  return below;
}

/** The name of a field within its object: what follows the last dot. */
export const nameOf = ({ path }: Node) => path.slice(path.lastIndexOf('.') + 1);

/** Two places have one shape when they differ in nothing but the sentence that introduces them. */
export const shapeOf = (schema: Schema) => JSON.stringify({ ...schema, description: '' });

/**
 * What each shape is called, by the first place where it stands. The names of Kubernetes are kept
 * where the shape is one of Kubernetes.
 */
const names: Readonly<Record<string, string>> = {
  '': 'Instrumentation',
  metadata: 'Metadata',
  spec: 'InstrumentationSpec',
  'spec.exporter': 'Exporter',
  'spec.exporter.tls': 'ExporterTls',
  'spec.propagators[]': 'Propagator',
  'spec.sampler': 'Sampler',
  'spec.sampler.type': 'SamplerType',
  'spec.resource': 'Resource',
  'spec.defaults': 'Defaults',
  'spec.env[]': 'EnvVar',
  'spec.env[].valueFrom': 'EnvVarSource',
  'spec.env[].valueFrom.fieldRef': 'ObjectFieldSelector',
  'spec.env[].valueFrom.resourceFieldRef': 'ResourceFieldSelector',
  'spec.env[].valueFrom.configMapKeyRef': 'ConfigMapKeySelector',
  'spec.env[].valueFrom.secretKeyRef': 'SecretKeySelector',
  'spec.env[].valueFrom.fileKeyRef': 'FileKeySelector',
  'spec.initContainerSecurityContext': 'SecurityContext',
  'spec.initContainerSecurityContext.capabilities': 'Capabilities',
  'spec.initContainerSecurityContext.seccompProfile': 'SecurityProfile',
  'spec.initContainerSecurityContext.seLinuxOptions': 'SELinuxOptions',
  'spec.initContainerSecurityContext.windowsOptions': 'WindowsSecurityContextOptions',
  'spec.java': 'JavaSettings',
  'spec.java.resources': 'ResourceRequirements',
  'spec.java.resources.claims[]': 'ResourceClaim',
  'spec.java.extensions[]': 'JavaExtension',
  'spec.java.volumeClaimTemplate': 'PersistentVolumeClaimTemplate',
  'spec.java.volumeClaimTemplate.metadata': 'ClaimMetadata',
  'spec.java.volumeClaimTemplate.spec': 'PersistentVolumeClaimSpec',
  'spec.java.volumeClaimTemplate.spec.resources': 'VolumeResourceRequirements',
  'spec.java.volumeClaimTemplate.spec.selector': 'LabelSelector',
  'spec.java.volumeClaimTemplate.spec.selector.matchExpressions[]': 'LabelSelectorRequirement',
  'spec.java.volumeClaimTemplate.spec.dataSource': 'TypedLocalObjectReference',
  'spec.java.volumeClaimTemplate.spec.dataSourceRef': 'TypedObjectReference',
  'spec.nodejs': 'NodejsSettings',
  'spec.python': 'PythonSettings',
  'spec.dotnet': 'DotnetSettings',
  'spec.go': 'GoSettings',
  'spec.apacheHttpd': 'ApacheHttpdSettings',
  'spec.nginx': 'NginxSettings',
  status: 'InstrumentationStatus',
  'status.conditions[]': 'Condition',
  'status.conditions[].status': 'ConditionStatus',
  'status.pods': 'PodCounts',
  'status.workloads': 'WorkloadCounts',
  'status.resolved{}': 'ResolvedAgent',
  'status.attention[]': 'Attention',
  'status.breaker': 'Breaker',
  'status.settings': 'SettingsChange',
};

/** Names every object and every enumeration once, however often it occurs. */
export function namedShapes(root: Node): ReadonlyMap<string, Node & { readonly name: string }> {
  const shapes = new Map<string, Node & { readonly name: string }>();
  for (const node of walk(root).filter(({ schema }) => isNamed(schema))) {
    const shape = shapeOf(node.schema);
    if (shapes.has(shape)) continue;
    const name = names[node.path];
    if (name === undefined) throw new Error(`crds/schema.ts has no name for ${node.path}`);
    shapes.set(shape, { ...node, name });
  }
  return shapes;
}

const isNamed = ({ type, enum: values, additionalProperties }: Schema) =>
  values !== undefined || (type === 'object' && additionalProperties === undefined);
