import test from 'ava';
import { applyPatch } from 'rfc6902';
import { annotations as keys, marks } from '../../../crds/names.ts';
import { admit, carriesAgent, patchOf, type Admission } from '../../../domain/injection/admit.ts';
import { languages } from '../../../domain/injection/instrumentation/settings.ts';
import { readMark } from '../../../domain/injection/stamp.ts';
import { objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import {
  aContainer,
  admitted,
  anInstrumentation,
  aPod,
  aReadPod,
  asking,
  aWorld,
  environmentOf,
  frozen,
  podOf,
  refusalsOf,
  valueOf,
} from '../../support/build.ts';

const annotationsOf = (admission: Admission): JsonObject =>
  admission.kind === 'untouched'
    ? {}
    : (objectAt(objectAt(admission.pod, 'metadata') ?? {}, 'annotations') ?? {});
const markOf = (admission: Admission, name: 'injected' | 'declined') =>
  readMark(textAt(annotationsOf(admission), marks[name]) ?? '');

test('a pod that asks for nothing is left alone', (t) => {
  const pod = aPod();
  const admission = admit(pod, aWorld());
  t.deepEqual(admission, { kind: 'untouched', reason: 'NotAsked' });
  t.deepEqual(patchOf(pod, admission), []);
});

test('a pod that is injected is stamped with what it got', (t) => {
  const admission = admitted('java');
  t.is(admission.kind, 'injected');
  if (admission.kind !== 'injected') return;
  t.deepEqual(markOf(admission, 'injected'), admission.stamp);
  t.is(markOf(admission, 'declined'), undefined);
});

test('a pod that is declined is stamped with what it asked for, and why not', (t) => {
  const admission = admitted('java', { annotations: { [keys.inject('java')]: 'ghost' } });
  t.is(admission.kind, 'declined');
  if (admission.kind !== 'declined') return;
  t.deepEqual(markOf(admission, 'declined'), {
    ...admission.stamp,
    reason: 'InstrumentationNotFound',
  });
  t.is(markOf(admission, 'injected'), undefined);
});

test('a pod that is declined differs in its mark alone', (t) => {
  const pod = aPod({ annotations: { [keys.inject('java')]: 'ghost' } });
  const operations = patchOf(pod, admit(pod, aWorld()));
  t.deepEqual(
    operations.map(({ op, path }) => `${op} ${path}`),
    ['add /metadata/annotations/otel-retrofit.dev~1declined'],
  );
});

test('a mark that came along with a manifest is replaced by the truth', (t) => {
  const old = 'v1.0123456789abcdef.0123456789abcdef';
  const admission = admitted('java', {
    annotations: { [marks.declined]: `${old}.NameTaken`, [marks.injected]: old },
  });
  t.is(annotationsOf(admission)[marks.declined], undefined);
  t.not(markOf(admission, 'injected')?.asked, '0123456789abcdef');
});

const exempt = test.macro((t, scene: JsonObject, reason: string) => {
  const admission = admit(aPod({ annotations: asking('java'), ...scene }), aWorld());
  t.deepEqual(admission, { kind: 'untouched', reason } as Admission);
});

for (const name of [
  'opentelemetry-auto-instrumentation-java',
  'opentelemetry-auto-instrumentation-nodejs',
  'opentelemetry-auto-instrumentation-python',
  'opentelemetry-auto-instrumentation-dotnet',
  'otel-agent-attach-apache',
  'otel-agent-attach-nginx',
  'otel-agent-source-container-clone',
]) {
  test(
    `a pod with an init container ${name} carries an agent`,
    exempt,
    { initContainers: [aContainer({ name })] },
    'AgentInTemplate',
  );
}
test(
  'a pod with the Go sidecar carries an agent',
  exempt,
  { containers: [aContainer(), aContainer({ name: 'opentelemetry-auto-instrumentation' })] },
  'AgentInTemplate',
);

const field = (name: string, fieldPath: string) => ({
  name,
  valueFrom: { fieldRef: { fieldPath } },
});
const injectedEnv = [
  field('OTEL_NODE_IP', 'status.hostIP'),
  field('OTEL_RESOURCE_ATTRIBUTES_NODE_NAME', 'spec.nodeName'),
];
test(
  'a pod with the variables that injection leaves carries an agent',
  exempt,
  { containers: [aContainer({ env: injectedEnv })] },
  'AgentInTemplate',
);
test(
  'so does one that has them in an init container alone',
  exempt,
  {
    containers: [aContainer()],
    initContainers: [aContainer({ name: 'migrate', env: injectedEnv })],
  },
  'AgentInTemplate',
);

const bare = test.macro((t, scene: JsonObject) => {
  t.false(carriesAgent(aReadPod(scene)));
  t.is(admit(aPod({ annotations: asking('java'), ...scene }), aWorld()).kind, 'injected');
});
test('who writes the node’s name himself carries no agent', bare, {
  containers: [aContainer({ env: injectedEnv.slice(1) })],
});
test('a collector beside the container carries no agent', bare, {
  containers: [aContainer(), aContainer({ name: 'otc-container', env: injectedEnv })],
});
test('a container of a name like an agent’s carries none', bare, {
  containers: [aContainer({ name: 'otel-agent-attach-apache' })],
});

for (const language of languages) {
  test(`a pod that was given ${language} is left alone the second time`, (t) => {
    const annotations = { [keys.goTargetExecutable]: '/app' };
    const pod = podOf(admitted(language, { annotations })).json;
    t.deepEqual(admit(frozen(pod), aWorld()), { kind: 'untouched', reason: 'AlreadyInjected' });
  });
}

test('a pod whose node is known is left alone the second time too', (t) => {
  const pod = podOf(admitted('sdk', { pod: { nodeName: 'n1' } })).json;
  t.deepEqual(admit(frozen(pod), aWorld()), { kind: 'untouched', reason: 'AlreadyInjected' });
});

test(
  'a pod that mirrors a file on its node is left alone',
  exempt,
  { annotations: { ...asking('java'), 'kubernetes.io/config.mirror': 'a1b2' } },
  'StaticPod',
);

const unreadable = test.macro((t, json: unknown) => {
  const admission = admit(frozen(json), aWorld());
  t.is(admission.kind, 'declined');
  t.deepEqual(refusalsOf(admission), ['PodUnreadable']);
  t.notThrows(() => patchOf(json, admission));
});
const asks = { annotations: asking('java') };
test('a pod without containers is told to be unreadable', unreadable, { metadata: asks });
test('so is one with containers of a wrong kind', unreadable, {
  metadata: asks,
  spec: { containers: [1] },
});
test('so is one whose spec is a text', unreadable, { metadata: asks, spec: 'x' });

for (const json of [
  undefined,
  null,
  1,
  'pod',
  [],
  [{}],
  {},
  { metadata: null },
  { metadata: [] },
]) {
  test(`${JSON.stringify(json)} asks for nothing`, (t) => {
    t.deepEqual(admit(json, aWorld()), { kind: 'untouched', reason: 'NotAsked' });
  });
}

test('a namespace that asks for all is no reason to fail over something that is no pod', (t) => {
  const world = aWorld({ annotations: asking('java') });
  for (const json of [null, 'pod', [], {}, { metadata: 'x' }, { metadata: { annotations: 'x' } }]) {
    const admission = admit(json, world);
    t.is(admission.kind, 'declined');
    t.notThrows(() => patchOf(json, admission));
  }
});

test('applied to the pod that arrived, the patch gives the pod that is meant', (t) => {
  for (const language of languages) {
    const pod = aPod({
      annotations: { ...asking(language), [keys.goTargetExecutable]: '/app' },
      containers: [aContainer({ env: [{ name: 'A', value: '1' }] })],
      initContainers: [aContainer({ name: 'setup' })],
      volumes: [{ name: 'cache', emptyDir: {} }],
      unknown: { 'in/the~future': [1, { a: null }] },
    });
    const admission = admit(pod, aWorld());
    const target: unknown = structuredClone(pod);
    const problems = applyPatch(target, structuredClone([...patchOf(pod, admission)]));
    t.deepEqual(
      problems.filter((problem) => problem !== null),
      [],
    );
    t.deepEqual(target, podOf(admission).json);
  }
});

test('equal digests give equal patches, whatever the Instrumentation is called', (t) => {
  const spec = { exporter: { endpoint: 'http://collector:4318' }, java: { image: 'j:1' } };
  const pod = aPod({ annotations: asking('java') });
  const patches = [{}, { name: 'other', labels: { a: 'b' } }].map((metadata) =>
    patchOf(pod, admit(pod, aWorld({ instrumentations: [anInstrumentation(spec, metadata)] }))),
  );
  t.deepEqual(patches[0], patches[1]);
});

function stampOf(pod: JsonObject) {
  const admission = admit(pod, aWorld());
  return admission.kind === 'injected' ? admission.stamp : undefined;
}

test('template and pod have the same digest, whatever another webhook adds to the pod', (t) => {
  const template = { annotations: asking('java'), labels: { app: 'cart' } };
  const ofTemplate = stampOf(aPod(template));
  t.not(ofTemplate, undefined);
  t.deepEqual(
    stampOf(
      aPod({
        annotations: { ...template.annotations, 'sidecar.istio.io/status': '{}' },
        labels: { ...template.labels, 'pod-template-hash': '7c9f' },
        metadata: {
          name: 'cart-7c9f-x2',
          uid: 'u1',
          ownerReferences: [{ kind: 'ReplicaSet', name: 'cart-7c9f' }],
        },
        containers: [aContainer({ name: 'istio-proxy' }), aContainer({ env: [{ name: 'A' }] })],
        initContainers: [aContainer({ name: 'istio-init' })],
        volumes: [{ name: 'kube-api-access-x', projected: {} }],
        nodeName: 'n1',
      }),
    ),
    ofTemplate,
  );
});

test('a template’s owner is told, for the template does not know it', (t) => {
  const admission = admitted('java', { owner: { kind: 'statefulset', name: 'db' } });
  t.is(valueOf(admission, 'OTEL_SERVICE_NAME'), 'db');
  t.regex(environmentOf(admission).at(-1) ?? '', /k8s\.statefulset\.name=db/);
});

test('a pod knows its owner itself', (t) => {
  const ownerReferences = [{ kind: 'ReplicaSet', name: 'cart-7c9f', uid: 'u1' }];
  const admission = admitted('java', {
    pod: { metadata: { ownerReferences }, labels: { 'pod-template-hash': '7c9f' } },
  });
  t.is(valueOf(admission, 'OTEL_SERVICE_NAME'), 'cart');
});
