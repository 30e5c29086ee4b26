import { until } from '../../cluster/until.ts';
import {
  ask,
  aWorkload,
  json,
  merge,
  must,
  template,
  watchUntil,
  type Fact,
  type Thing,
} from '../fact.ts';

interface Example {
  readonly kind: string;
  readonly plural: string;
  /** Default: the core group. */
  readonly group?: string;
  readonly isCluster?: true;
  readonly body: (name: string, namespace: string) => object;
}

const bare = (name: string) => ({ metadata: { name } });
const apps = 'apps/v1';
const admission = 'admissionregistration.k8s.io/v1';
const event = (name: string) => ({ metadata: { name }, reason: 'Because', type: 'Normal' });

const examples: readonly Example[] = [
  { kind: 'Node', plural: 'nodes', isCluster: true, body: bare },
  { kind: 'ConfigMap', plural: 'configmaps', body: bare },
  { kind: 'Secret', plural: 'secrets', body: bare },
  { kind: 'ServiceAccount', plural: 'serviceaccounts', body: bare },
  {
    kind: 'Service',
    plural: 'services',
    body: (name) => ({ ...bare(name), spec: { ports: [{ port: 80 }] } }),
  },
  {
    kind: 'Pod',
    plural: 'pods',
    body: (name) => ({ ...bare(name), spec: template(name).spec }),
  },
  {
    kind: 'Event',
    plural: 'events',
    body: (name, namespace) => ({
      ...event(name),
      involvedObject: { kind: 'Pod', name: 'a', namespace },
    }),
  },
  {
    kind: 'Event',
    plural: 'events',
    group: 'events.k8s.io/v1',
    body: (name, namespace) => ({
      ...event(name),
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'lab.dev/test',
      reportingInstance: 'one',
      action: 'Act',
      note: 'hello',
      regarding: { kind: 'Pod', name: 'a', namespace },
    }),
  },
  {
    kind: 'LimitRange',
    plural: 'limitranges',
    body: (name) => ({
      ...bare(name),
      spec: { limits: [{ type: 'Pod', max: { cpu: '1' } }] },
    }),
  },
  {
    kind: 'Deployment',
    plural: 'deployments',
    group: apps,
    body: (name) => aWorkload(name, { replicas: 0 }),
  },
  {
    kind: 'ReplicaSet',
    plural: 'replicasets',
    group: apps,
    body: (name) => aWorkload(name, { replicas: 0 }),
  },
  {
    kind: 'StatefulSet',
    plural: 'statefulsets',
    group: apps,
    body: (name) => aWorkload(name, { replicas: 0, serviceName: name }),
  },
  { kind: 'DaemonSet', plural: 'daemonsets', group: apps, body: (name) => aWorkload(name) },
  {
    kind: 'ControllerRevision',
    plural: 'controllerrevisions',
    group: apps,
    body: (name) => ({ ...bare(name), revision: 1, data: { spec: {} } }),
  },
  {
    kind: 'Job',
    plural: 'jobs',
    group: 'batch/v1',
    body: (name) => {
      const spec = { ...template(name).spec, restartPolicy: 'Never' };
      return { ...bare(name), spec: { suspend: true, template: { spec } } };
    },
  },
  {
    kind: 'Lease',
    plural: 'leases',
    group: 'coordination.k8s.io/v1',
    body: (name) => ({ ...bare(name), spec: { holderIdentity: 'one', leaseDurationSeconds: 15 } }),
  },
  {
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    group: 'policy/v1',
    body: (name) => ({
      ...bare(name),
      spec: { minAvailable: 1, selector: { matchLabels: { app: name } } },
    }),
  },
  {
    kind: 'NetworkPolicy',
    plural: 'networkpolicies',
    group: 'networking.k8s.io/v1',
    body: (name) => ({ ...bare(name), spec: { podSelector: {}, policyTypes: ['Egress'] } }),
  },
  {
    kind: 'MutatingWebhookConfiguration',
    plural: 'mutatingwebhookconfigurations',
    group: admission,
    isCluster: true,
    body: bare,
  },
  {
    kind: 'ValidatingWebhookConfiguration',
    plural: 'validatingwebhookconfigurations',
    group: admission,
    isCluster: true,
    body: bare,
  },
];

/** Each kind on its way from the first call to the last. */
export const kinds: readonly Fact[] = examples.map((example) => ({
  title: `a ${example.kind} of ${example.group ?? 'v1'} is made, read, listed, watched, patched and deleted`,
  async check(t, plane) {
    const { kind, plural, group, isCluster, body } = example;
    const namespace = await plane.namespace();
    const name = `${namespace}.one`.replace('.', kind === 'Event' ? '.' : '-');
    const root = group === undefined ? '/api/v1' : `/apis/${group}`;
    const all = isCluster ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`;
    const selected = `fieldSelector=metadata.name=${name}`;
    const { resourceVersion } = (await must(plane, 'GET', all)).metadata;

    const strictly = `${all}?fieldManager=conformance&fieldValidation=Strict`;
    const made = await must(plane, 'POST', strictly, body(name, namespace));
    t.like(made, { kind, apiVersion: group ?? 'v1' });
    t.regex(made.metadata.uid, /^[\da-f-]{36}$/);
    t.is((await must(plane, 'GET', `${all}/${name}`)).metadata.uid, made.metadata.uid);
    const { items, ...list } = await must(plane, 'GET', `${all}?${selected}`);
    t.deepEqual(
      items?.map((item: Thing) => [item.kind, item.metadata.uid]),
      [[undefined, made.metadata.uid]],
    );
    t.like(list, { kind: `${kind}List`, apiVersion: group ?? 'v1' });

    const labels = { metadata: { labels: { tier: 'web' } } };
    const patched = await must(plane, 'PATCH', `${all}/${name}`, labels, merge);
    t.is(patched.metadata.labels?.['tier'], 'web');
    t.true(Number(patched.metadata.resourceVersion) > Number(made.metadata.resourceVersion));
    t.is(patched.metadata.generation, made.metadata.generation);
    const operations = [{ op: 'replace', path: '/metadata/labels/tier', value: 'db' }];
    const again = await must(plane, 'PATCH', `${all}/${name}`, operations, json);
    t.is(again.metadata.labels?.['tier'], 'db');

    const only = { preconditions: { uid: made.metadata.uid }, propagationPolicy: 'Background' };
    t.is((await ask(plane, 'DELETE', `${all}/${name}`, only)).code, 200);
    await until(async () => (await ask(plane, 'GET', `${all}/${name}`)).code === 404, {
      what: `the ${kind} is gone`,
    });
    const gone = await ask(plane, 'GET', `${all}/${name}`);
    t.like(gone.body, { kind: 'Status', reason: 'NotFound', details: { name, kind: plural } });

    const path = `${all}?${selected}&resourceVersion=${resourceVersion}`;
    const events = await watchUntil(plane, path, ({ type }) => type === 'DELETED');
    const types = events.map(({ type }) => type);
    t.is(types[0], 'ADDED');
    t.true(types.slice(1, -1).every((type) => type === 'MODIFIED') && types.length > 3);
    t.true(events.every(({ object }) => object.metadata.name === name && object.kind === kind));
  },
}));
