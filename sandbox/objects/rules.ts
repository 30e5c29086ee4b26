import type { Fields, Json } from '../api.ts';
import { at, fieldsOf, listOf, put, textOf, without, type Thing } from './json.ts';
import type { Kind } from './kinds.ts';
import { validate, withDefaults, type Fault } from './schema.ts';
import { matchesLabels } from './selectors.ts';

/** Fills in what the author left out. What was complete is returned as it is, so that versions share it. */
export function complete({ kind, schema }: Kind, thing: Thing): Thing {
  const filled = withDefaults(schema, thing) as Thing;
  return completions[kind]?.(filled) ?? filled;
}

/** `rollingUpdate` goes with one type only. */
const strategy = (path: string) => (thing: Thing) =>
  at(thing, `${path}.type`) === 'RollingUpdate'
    ? thing
    : put(thing, `${path}.rollingUpdate`, undefined);

const completions: Readonly<Record<string, (thing: Thing) => Thing>> = {
  Deployment: strategy('spec.strategy'),
  StatefulSet: strategy('spec.updateStrategy'),
  DaemonSet: strategy('spec.updateStrategy'),
  Namespace(thing) {
    const own = { 'kubernetes.io/metadata.name': thing.metadata.name };
    return put(thing, 'metadata.labels', { ...thing.metadata.labels, ...own });
  },
  Secret(secret) {
    const texts = Object.entries(fieldsOf(secret['stringData']));
    if (texts.length === 0) return secret;
    const encoded = texts.map(([name, text]) => [name, btoa(textOf(text))]);
    const data = { ...fieldsOf(secret['data']), ...Object.fromEntries(encoded) };
    return put(without(secret, 'stringData') as Thing, 'data', data);
  },
};

/** What the server itself settles when an object is made: most of all, how its status begins. */
const beginnings: Readonly<Record<string, Fields>> = {
  Pod: { status: { phase: 'Pending' } },
  CustomResourceDefinition: { status: { conditions: [{ type: 'Established', status: 'True' }] } },
  Namespace: { status: { phase: 'Active' }, spec: { finalizers: ['kubernetes'] } },
};

export const atBirth = ({ kind }: Kind, thing: Thing): Thing => ({
  ...thing,
  ...beginnings[kind],
});

/** What the real server would not store, so far as the product or a person may run into it. */
export function faultsOf({ kind, schema }: Kind, thing: Thing): readonly Fault[] {
  return [...metadataFaults(thing), ...validate(schema, thing), ...relationFaults(kind, thing)];
}

const annotationBytes = 262_144;
const subdomain = /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9.:]*[a-z0-9])?$/;

function metadataFaults({ metadata: { name, annotations = {} } }: Thing): readonly Fault[] {
  const bytes = Buffer.byteLength(Object.entries(annotations).flat().join(''));
  const faults = {
    'metadata.name: Invalid value: a lowercase RFC 1123 subdomain is needed': !subdomain.test(name),
    'metadata.annotations: Too long: may not be more than 262144 bytes': bytes > annotationBytes,
  };
  return Object.entries(faults).flatMap(([fault, isSo]) => (isSo ? [fault] : []));
}

const named = (list: Json | undefined) => listOf(list).map((one) => at(one, 'name'));
const selecting = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet']);

/** Parts of one object that must go together: labels and what selects them, mounts and volumes. */
function relationFaults(kind: string, thing: Thing): readonly Fault[] {
  const labels = fieldsOf(at(thing, 'spec.template.metadata.labels'));
  const isStray = selecting.has(kind) && !matchesLabels(at(thing, 'spec.selector'), labels);
  const path = kind === 'Pod' ? 'spec' : 'spec.template.spec';
  const volumes = new Set(named(at(thing, `${path}.volumes`)));
  const lost = ['containers', 'initContainers']
    .flatMap((list) => listOf(at(thing, `${path}.${list}`)))
    .flatMap((container) => named(at(container, 'volumeMounts')))
    .filter((name) => !volumes.has(name));
  const stray = 'spec.template.metadata.labels: Invalid value: selector does not match labels';
  return [
    ...(isStray ? [stray] : []),
    ...lost.map((name) => `${path}: Not found: ${JSON.stringify(name)}`),
  ];
}
