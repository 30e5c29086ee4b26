/** What a value must look like for us to read it; whatever is not named may be anything. */
export type Shape =
  | { readonly kind: 'text' }
  | { readonly kind: 'truth' }
  | { readonly kind: 'object' }
  | { readonly kind: 'map'; readonly of: Shape }
  | { readonly kind: 'list'; readonly of: Shape; readonly isFilled: boolean }
  | {
      readonly kind: 'fields';
      readonly fields: Readonly<Record<string, Shape>>;
      readonly required: readonly string[];
    };

const text: Shape = { kind: 'text' };
const truth: Shape = { kind: 'truth' };
const object: Shape = { kind: 'object' };
const map = (of: Shape): Shape => ({ kind: 'map', of });
const list = (of: Shape): Shape => ({ kind: 'list', of, isFilled: false });
const filledList = (of: Shape): Shape => ({ kind: 'list', of, isFilled: true });
const fields = (of: Record<string, Shape>, ...required: readonly string[]): Shape => ({
  kind: 'fields',
  fields: of,
  required,
});

const metadata = fields({
  name: text,
  generateName: text,
  namespace: text,
  labels: map(text),
  annotations: map(text),
  ownerReferences: list(fields({ kind: text, name: text, uid: text })),
});

const variable = fields({ name: text, value: text, valueFrom: object }, 'name');

const container = fields(
  {
    name: text,
    image: text,
    command: list(text),
    args: list(text),
    env: list(variable),
    envFrom: list(object),
    volumeMounts: list(fields({ name: text, mountPath: text }, 'name', 'mountPath')),
    restartPolicy: text,
    securityContext: object,
  },
  'name',
);

const podSpec = fields(
  {
    containers: filledList(container),
    initContainers: list(container),
    volumes: list(fields({ name: text }, 'name')),
    shareProcessNamespace: truth,
    securityContext: object,
    nodeSelector: map(text),
    os: fields({ name: text }),
  },
  'containers',
);

/** A pod, or the template of one: its metadata may be missing. */
export const podShape = fields({ metadata, spec: podSpec }, 'spec');

/** What every object has that we look at. */
export const objectShape = fields({ metadata }, 'metadata');

const agent = fields({
  image: text,
  version: text,
  env: list(variable),
  attrs: list(variable),
  configPath: text,
  configFile: text,
  volumeClaimTemplate: object,
  resources: object,
  resourceRequirements: object,
  securityContext: object,
  extensions: list(fields({ image: text, dir: text })),
});

export const instrumentationShape = fields(
  {
    metadata,
    spec: fields({
      exporter: fields({
        endpoint: text,
        tls: fields({
          secretName: text,
          configMapName: text,
          ca_file: text,
          cert_file: text,
          key_file: text,
        }),
      }),
      resource: fields({ resourceAttributes: map(text), addK8sUIDAttributes: truth }),
      defaults: fields({ useLabelsForResourceAttributes: truth }),
      propagators: list(text),
      sampler: fields({ type: text, argument: text }),
      env: list(variable),
      imagePullPolicy: text,
      initContainerSecurityContext: object,
      java: agent,
      nodejs: agent,
      python: agent,
      dotnet: agent,
      go: agent,
      apacheHttpd: agent,
      nginx: agent,
    }),
  },
  'metadata',
);
