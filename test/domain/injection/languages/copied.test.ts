import test from 'ava';
import { annotations as keys } from '../../../../crds/names.ts';
import { copiedAgent, type CopiedAgent } from '../../../../domain/injection/languages/copied.ts';
import { draftOf } from '../../../../domain/injection/pod/draft.ts';
import { listAt, member, type JsonObject } from '../../../../domain/json.ts';
import {
  aContainer,
  admitted,
  anInstrumentation,
  aReadPod,
  containerOf,
  frozen,
  notesOf,
  podOf,
  refusalsOf,
  told,
  valueOf,
  type Scene,
} from '../../../support/build.ts';

const name = 'opentelemetry-auto-instrumentation-nodejs';
const directory = '/otel-auto-instrumentation-nodejs';
const endpoint = { exporter: { endpoint: 'http://collector:4318' } };
const list = (names: string) => ({ [keys.containerNames]: names });
const set = (variable: string, value: string) => ({ name: variable, value });
const reference = (optional: boolean) => ({
  name: 'NODE_OPTIONS',
  valueFrom: { configMapKeyRef: { name: 'c', key: 'k', optional } },
});

const volumeOf = (scene: Scene) => {
  const { name: _name, ...source } =
    podOf(admitted('nodejs', scene)).volumes.find((volume) => volume.name === name) ?? {};
  return source;
};

const template = {
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};

test('the files lie in an empty directory of 200Mi', (t) => {
  t.deepEqual(volumeOf({}), { emptyDir: { sizeLimit: '200Mi' } });
});
test('the Instrumentation sets the directory’s size', (t) => {
  t.deepEqual(volumeOf({ spec: { nodejs: { volumeLimitSize: '1Gi' } } }), {
    emptyDir: { sizeLimit: '1Gi' },
  });
});
test('a claim template takes the directory’s place, and outranks its size', (t) => {
  t.deepEqual(
    volumeOf({ spec: { nodejs: { volumeClaimTemplate: template, volumeLimitSize: 1 } } }),
    {
      ephemeral: { volumeClaimTemplate: template },
    },
  );
});

test('the volume comes after those of the pod and of the exporter', (t) => {
  const admission = admitted('nodejs', {
    pod: { volumes: [{ name: 'cache', emptyDir: {} }] },
    spec: { exporter: { tls: { secretName: 's' } } },
  });
  t.deepEqual(
    podOf(admission).volumes.map((volume) => volume.name),
    ['cache', 'otel-auto-secret-s', name],
  );
});

test('the mount comes after the container’s own and before the exporter’s', (t) => {
  const admission = admitted('nodejs', {
    container: { volumeMounts: [{ name: 'cache', mountPath: '/c' }] },
    spec: { exporter: { tls: { secretName: 's' } } },
  });
  t.deepEqual(listAt(containerOf(admission), 'volumeMounts'), [
    { name: 'cache', mountPath: '/c' },
    { name, mountPath: directory },
    {
      name: 'otel-auto-secret-s',
      mountPath: '/otel-auto-instrumentation-secret-s',
      readOnly: true,
    },
  ]);
});

test('the init container needs no certificates', (t) => {
  const admission = admitted('nodejs', { spec: { exporter: { tls: { secretName: 's' } } } });
  t.deepEqual(listAt(containerOf(admission, name), 'volumeMounts'), [
    { name, mountPath: directory },
  ]);
});

test('image and pull policy are the Instrumentation’s', (t) => {
  const spec = { imagePullPolicy: 'Never', nodejs: { image: 'mine:1' } };
  t.like(containerOf(admitted('nodejs', { spec }), name), {
    image: 'mine:1',
    imagePullPolicy: 'Never',
  });
});

const order = test.macro((t, target: string, expected: readonly string[]) => {
  const admission = admitted('nodejs', {
    pod: { initContainers: [aContainer({ name: 'one' }), aContainer({ name: 'two' })] },
    annotations: list(target),
  });
  t.deepEqual(
    podOf(admission).initContainers.map((container) => container.name),
    expected,
  );
});

test('for a regular container the files are copied last', order, 'app', ['one', 'two', name]);
test('for an init container the files are copied right before it', order, 'two', [
  'one',
  name,
  'two',
]);
test('for several the files are copied before the first', order, 'app,two,one', [
  name,
  'one',
  'two',
]);

/** Whatever is refused, the pod differs in its mark alone. */
const refused = test.macro((t, scene: Scene, expected: readonly string[]) => {
  const admission = admitted('nodejs', scene);
  t.is(admission.kind, 'declined');
  t.deepEqual(refusalsOf(admission), expected);
  const pod = podOf(admission);
  t.deepEqual(
    pod.initContainers.map((container) => container.name),
    namesIn(scene, 'initContainers'),
  );
  t.deepEqual(
    pod.volumes.map((volume) => volume.name),
    namesIn(scene, 'volumes'),
  );
  t.deepEqual(pod.containers, [aContainer(scene.container)]);
});

const namesIn = ({ pod = {} }: Scene, key: string) =>
  (listAt(pod, key) ?? []).map((item) => member(item as JsonObject, 'name'));

test(
  'a volume of that name is in the way',
  refused,
  { pod: { volumes: [{ name, emptyDir: {} }] } },
  [`NameTaken ${name}`],
);
test(
  'a mount at that path is in the way',
  refused,
  { container: { volumeMounts: [{ name: 'x', mountPath: directory }] } },
  [`NameTaken app ${directory}`],
);
test(
  'a volume of the exporter’s name is in the way',
  refused,
  {
    pod: { volumes: [{ name: 'otel-auto-secret-s', emptyDir: {} }] },
    spec: { exporter: { tls: { secretName: 's' } } },
  },
  ['NameTaken otel-auto-secret-s'],
);
test(
  'a value that may be missing is not joined',
  refused,
  { container: { env: [reference(true)] }, spec: { exporter: { tls: { secretName: 's' } } } },
  ['EnvironmentByReference app NODE_OPTIONS'],
);
test('a container that is not there is told', refused, { annotations: list('ghost') }, [
  'UnknownContainer ghost',
]);
test(
  'a value that may be missing in the Instrumentation is not joined',
  refused,
  { spec: { nodejs: { env: [reference(true)] } } },
  ['EnvironmentByReference app NODE_OPTIONS'],
);

test('a container of that name is in the way', (t) => {
  const admission = admitted('nodejs', {
    pod: { containers: [aContainer(), aContainer({ name })] },
    annotations: list('app'),
  });
  t.deepEqual(refusalsOf(admission), [`NameTaken ${name}`]);
});

test('of several containers one that is refused leaves no trace, and the others are served', (t) => {
  const blocked = aContainer({ name: 'blocked', env: [reference(true)] });
  const admission = admitted('nodejs', {
    pod: { containers: [blocked, aContainer()] },
    annotations: list('blocked,app,ghost'),
  });
  t.is(admission.kind, 'injected');
  t.deepEqual(refusalsOf(admission), [
    'UnknownContainer ghost',
    'EnvironmentByReference blocked NODE_OPTIONS',
  ]);
  t.deepEqual(containerOf(admission, 'blocked'), blocked);
  t.not(valueOf(admission, 'NODE_OPTIONS'), undefined);
  t.is(podOf(admission).initContainers.length, 1);
  t.deepEqual(admission.kind === 'injected' ? admission.given : [], [
    { language: 'nodejs', instrumentation: 'shop/main', containers: ['app'] },
  ]);
});

test('all containers that are served are named', (t) => {
  const admission = admitted('nodejs', {
    pod: { containers: [aContainer(), aContainer({ name: 'web' })] },
    annotations: list('web,app'),
  });
  t.deepEqual(admission.kind === 'injected' ? admission.given[0]?.containers : [], ['web', 'app']);
});

test('a language that is refused leaves no volume beside another that is given', (t) => {
  const admission = admitted('nodejs', {
    container: { env: [reference(true)] },
    annotations: {
      ...list('app'),
      [keys.inject('nodejs')]: 'certified',
      [keys.inject('python')]: 'main',
    },
    world: {
      instrumentations: [
        anInstrumentation(),
        anInstrumentation({ exporter: { tls: { secretName: 's' } } }, { name: 'certified' }),
      ],
    },
  });
  t.deepEqual(refusalsOf(admission), ['EnvironmentByReference app NODE_OPTIONS']);
  t.deepEqual(
    podOf(admission).volumes.map((volume) => volume.name),
    ['opentelemetry-auto-instrumentation-python'],
  );
});

test('the security context is that of the first container that is served', (t) => {
  const admission = admitted('nodejs', {
    pod: {
      containers: [
        aContainer({ name: 'a', env: [reference(true)], securityContext: { runAsUser: 1 } }),
        aContainer({ name: 'b', securityContext: { runAsUser: 2 } }),
        aContainer({ name: 'c', securityContext: { runAsUser: 3 } }),
      ],
    },
    annotations: list('a,b,c'),
  });
  t.deepEqual(containerOf(admission, name)['securityContext'], { runAsUser: 2 });
});

test('a value from a required reference is joined', (t) => {
  const admission = admitted('nodejs', { container: { env: [reference(false)] } });
  t.is(
    valueOf(admission, 'NODE_OPTIONS'),
    `$(OTEL_INJECTED_ORIG_NODE_OPTIONS) --require ${directory}/autoinstrumentation.js`,
  );
});

const notes = test.macro((t, scene: Scene, expected: readonly string[]) => {
  t.deepEqual(notesOf(admitted('nodejs', scene)), expected);
});

const envFrom = [{ configMapRef: { name: 'settings' } }];
test('where all is well there is nothing to tell', notes, { spec: endpoint }, []);
test('a missing endpoint is told', notes, {}, ['EndpointMissing app']);
test(
  'what hidden values may lose is told by name',
  notes,
  { container: { envFrom }, spec: endpoint },
  ['HiddenEnvironment app NODE_OPTIONS'],
);
test(
  'nothing is lost where the value can be seen',
  notes,
  { container: { envFrom, env: [set('NODE_OPTIONS', '')] }, spec: endpoint },
  [],
);
test(
  'nothing is lost where the owner says to join it',
  notes,
  { container: { envFrom }, spec: endpoint, annotations: { [keys.joinEnv]: 'NODE_OPTIONS' } },
  [],
);
test(
  'a port that does not fit is told',
  notes,
  { container: { env: [set('OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc')] }, spec: endpoint },
  ['ProtocolMismatch app http://collector:4318 with grpc'],
);

test('what its owner says to join is joined', (t) => {
  const admission = admitted('nodejs', {
    container: { envFrom },
    annotations: { [keys.joinEnv]: 'NODE_OPTIONS' },
  });
  t.is(
    valueOf(admission, 'NODE_OPTIONS'),
    `$(NODE_OPTIONS) --require ${directory}/autoinstrumentation.js`,
  );
});

test('an agent is its description: any that follows the form is served', (t) => {
  const plain: CopiedAgent = {
    language: 'java',
    name: 'agent',
    directory: '/agent',
    requests: { cpu: '1m' },
    copy: ({ image }) => ['copy', image],
    activate: ({ mountPath }) => [
      { name: 'FIRST', value: mountPath },
      { name: 'LIST', alone: 'x', around: (current) => `${current}+x` },
    ],
    notes: (env) => (env.has('TOLD') ? [{ reason: 'ProfilerKept' }] : []),
  };
  const pod = aReadPod({ containers: [aContainer({ env: [set('LIST', 'y'), set('TOLD', '')] })] });
  const attempt = copiedAgent(plain).inject(
    frozen(draftOf(pod)),
    frozen({
      ask: {
        language: 'java',
        instrumentation: anInstrumentation(endpoint),
        containers: undefined,
        platform: undefined,
      },
      pod,
      namespace: 'shop',
      owners: [],
      joinEnv: [],
      image: 'agent:1',
    }),
  );
  t.deepEqual(attempt.containers, ['app']);
  t.deepEqual(told(attempt.notes), ['ProfilerKept app']);
  t.like(attempt.draft.initContainers[0], { name: 'agent', command: ['copy', 'agent:1'] });
  t.like(attempt.draft.containers[0], { volumeMounts: [{ name: 'agent', mountPath: '/agent' }] });
  const env = listAt(attempt.draft.containers[0] ?? {}, 'env') ?? [];
  t.deepEqual(env.slice(2, 5), [set('LIST', 'y+x'), set('TOLD', ''), set('FIRST', '/agent')]);
});
