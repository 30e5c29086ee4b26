import test from 'ava';
import {
  pullPolicy,
  refuse,
  resourcesFor,
  securityContextFor,
  subjectOf,
  targetsOf,
  volumeSource,
  type Request,
} from '../../../domain/injection/injector.ts';
import { draftOf } from '../../../domain/injection/pod/draft.ts';
import type { Json, JsonObject } from '../../../domain/json.ts';
import { aContainer, anInstrumentation, aReadPod, frozen, told } from '../../support/build.ts';

const requestFor = (
  pod: JsonObject = {},
  containers?: readonly string[],
  spec: JsonObject = {},
): Request =>
  frozen({
    ask: {
      language: 'java',
      instrumentation: anInstrumentation(spec),
      containers,
      platform: undefined,
    },
    pod: aReadPod(pod),
    namespace: 'shop',
    owners: [],
    joinEnv: [],
    image: 'agent:1',
  });

const named = (...names: readonly string[]) => names.map((name) => aContainer({ name }));

/** The containers that are found, then what is refused. */
const targets = test.macro(
  (t, pod: JsonObject, containers: readonly string[] | undefined, expected: readonly string[]) => {
    const { found, refusals } = targetsOf(requestFor(pod, containers));
    t.deepEqual([...found, ...told(refusals)], expected);
  },
);

const pod = { containers: named('app', 'web'), initContainers: named('one', 'two') };
test('without a list the pod’s first container is meant', targets, pod, undefined, ['app']);
test(
  'a proxy in front of it is not the pod’s own',
  targets,
  { containers: named('istio-proxy', 'linkerd-proxy', 'app') },
  undefined,
  ['app'],
);
test(
  'a pod of nothing but a proxy means the proxy',
  targets,
  { containers: named('istio-proxy') },
  undefined,
  ['istio-proxy'],
);
test(
  'a proxy that is named is meant',
  targets,
  { containers: named('istio-proxy', 'app') },
  ['istio-proxy'],
  ['istio-proxy'],
);
test(
  'an init container is never meant without a list',
  targets,
  { containers: named('app'), initContainers: named('one') },
  undefined,
  ['app'],
);
test(
  'init containers come first in the pod’s order, then the others in the list’s',
  targets,
  pod,
  ['web', 'two', 'app', 'one'],
  ['one', 'two', 'web', 'app'],
);
test(
  'a name that is both means the regular container',
  targets,
  { containers: named('app'), initContainers: named('app') },
  ['app'],
  ['app'],
);
test(
  'a name that is not there is told, and the others are found',
  targets,
  pod,
  ['ghost', 'app'],
  ['app', 'UnknownContainer ghost'],
);
test(
  'nothing is found where no name is there',
  targets,
  pod,
  ['ghost', 'spirit'],
  ['UnknownContainer ghost', 'UnknownContainer spirit'],
);

const { agents } = anInstrumentation();
const usual = { cpu: '50m', memory: '64Mi' };
const resources = test.macro(
  (t, given: JsonObject, expected: JsonObject, podSpec: JsonObject = {}) => {
    const settings = anInstrumentation({ java: { resources: given } }).agents.java.resources;
    t.deepEqual(resourcesFor(settings, usual, aReadPod(podSpec)), expected);
  },
);
const limits = { cpu: '500m', memory: '256Mi' };

test('what nobody says is filled in', resources, {}, { resources: { limits, requests: usual } });
test(
  'what is said stays',
  resources,
  { limits: { cpu: 1, memory: '1Gi' }, requests: { cpu: '5m' } },
  { resources: { limits: { cpu: 1, memory: '1Gi' }, requests: { cpu: '5m' } } },
);
test(
  'an explicitly empty map is said',
  resources,
  { limits: {}, requests: {} },
  { resources: { limits: {}, requests: {} } },
);
test(
  'a usual request gives way to a lower limit',
  resources,
  { limits: { cpu: '10m' } },
  { resources: { limits: { cpu: '10m' }, requests: { cpu: '10m', memory: '64Mi' } } },
);
test(
  'a usual limit gives way to a higher request',
  resources,
  { requests: { memory: '1Gi' } },
  { resources: { limits: { cpu: '500m', memory: '1Gi' }, requests: { memory: '1Gi' } } },
);
test(
  'a pod with resources of its own for all gets none',
  resources,
  { limits: { cpu: 1 } },
  {},
  { resources: { limits: { cpu: 2 } } },
);
for (const empty of [{}, { limits: {} }, { limits: {}, requests: null }])
  test(
    `a pod with ${JSON.stringify(empty)} for all has nothing for all`,
    resources,
    {},
    { resources: { limits, requests: usual } },
    { resources: empty },
  );

interface Contexts {
  readonly container?: JsonObject;
  readonly pod?: JsonObject;
  readonly spec?: JsonObject;
}

const context = test.macro((t, given: Contexts, expected: Json | undefined) => {
  const { shared } = anInstrumentation(given.spec);
  const found = securityContextFor(shared, aContainer(given.container), aReadPod(given.pod));
  t.deepEqual(found, expected === undefined ? {} : { securityContext: expected });
});

const nonRoot = { securityContext: { runAsNonRoot: true } };
const user = (runAsUser: number) => ({ securityContext: { runAsUser } });
test(
  'the security context is that of the container served',
  context,
  { container: user(7) },
  { runAsUser: 7 },
);
test(
  'it is taken whole from the Instrumentation, if that has one',
  context,
  {
    container: { securityContext: { runAsUser: 7, privileged: true } },
    spec: { initContainerSecurityContext: { runAsGroup: 8 } },
  },
  { runAsGroup: 8 },
);
test('there is none where nobody has one', context, {}, undefined);
test(
  'a container that forbids root is given a user, for the image names none',
  context,
  { container: nonRoot },
  { runAsNonRoot: true, runAsUser: 65_532 },
);
test('so is one in a pod that forbids it', context, { pod: nonRoot }, { runAsUser: 65_532 });
test(
  'a user of the pod is enough',
  context,
  { pod: { securityContext: { runAsNonRoot: true, runAsUser: 7 } } },
  undefined,
);
test(
  'a user of the container is enough',
  context,
  { container: user(7), pod: nonRoot },
  { runAsUser: 7 },
);
test(
  'a container that allows root in a pod that forbids it needs no user',
  context,
  { container: { securityContext: { runAsNonRoot: false } }, pod: nonRoot },
  { runAsNonRoot: false },
);

test('files lie in an empty directory, or in what a template claims', (t) => {
  t.deepEqual(volumeSource(agents.java), { emptyDir: { sizeLimit: '200Mi' } });
  t.deepEqual(volumeSource({ ...agents.java, volumeLimitSize: 5 }), { emptyDir: { sizeLimit: 5 } });
  const volumeClaimTemplate = { spec: {} };
  t.deepEqual(volumeSource({ ...agents.java, volumeClaimTemplate, volumeLimitSize: 5 }), {
    ephemeral: { volumeClaimTemplate },
  });
});

test('a pull policy that nobody chose is left to Kubernetes', (t) => {
  t.deepEqual(pullPolicy(anInstrumentation().shared), {});
  t.deepEqual(pullPolicy(anInstrumentation({ imagePullPolicy: 'Never' }).shared), {
    imagePullPolicy: 'Never',
  });
});

test('a refusal leaves the draft as it is', (t) => {
  const request = requestFor();
  const draft = frozen(draftOf(request.pod));
  const attempt = refuse(draft, request, 'NameTaken', { detail: 'x' });
  t.is(attempt.draft, draft);
  t.deepEqual(attempt.containers, []);
  t.deepEqual(attempt.refusals, [{ language: 'java', reason: 'NameTaken', detail: 'x' }]);
});

test('a subject is a container of the pod, seen by what all languages are told', (t) => {
  const request = requestFor({}, undefined, { propagators: ['b3'] });
  const container = aContainer({ name: 'web' });
  const subject = subjectOf(request, container);
  t.is(subject.container, container);
  t.is(subject.pod, request.pod);
  t.is(subject.namespace, 'shop');
  t.deepEqual(subject.shared.propagators, ['b3']);
});
