import test from 'ava';
import type { JsonObject } from '../../../../domain/json.ts';
import { admitted, aLimitRange, type Scene } from '../../../support/build.ts';

/** What of Java is refused, and why; nothing where it is given. */
const refused = (limits: readonly JsonObject[], scene: Scene = {}) => {
  const world = { ...scene.world, limitRanges: [aLimitRange(...limits)] };
  const admission = admitted('java', { ...scene, world });
  const refusals = admission.kind === 'untouched' ? [] : admission.refusals;
  return refusals.map(({ reason, detail }) => [reason, detail].join(' '));
};

const judged = test.macro(
  (t, item: JsonObject, expected: string | undefined, scene: Scene = {}) => {
    t.deepEqual(
      refused([item], scene),
      expected === undefined ? [] : [`LimitRangeForbids limits: ${expected}`],
    );
  },
);

const ofContainers = (more: JsonObject): JsonObject => ({ type: 'Container', ...more });
const ofPods = (more: JsonObject): JsonObject => ({ type: 'Pod', ...more });
const resources = (given: JsonObject): Scene => ({ spec: { java: { resources: given } } });

test(
  'a container may ask for the least there is',
  judged,
  ofContainers({ min: { cpu: '50m', memory: '64Mi' } }),
  undefined,
);
test(
  'no container may ask for less than the least',
  judged,
  ofContainers({ min: { cpu: '51m' } }),
  'min cpu 51m per Container',
);
test(
  'an Instrumentation that asks for enough helps',
  judged,
  ofContainers({ min: { cpu: '100m' } }),
  undefined,
  resources({ requests: { cpu: '0.1' } }),
);
test(
  'no container may be limited to less than the least',
  judged,
  ofContainers({ min: { memory: '64Mi' } }),
  'min memory 64Mi per Container',
  resources({ limits: { memory: '32Mi' } }),
);
test(
  'a container may use the most there is',
  judged,
  ofContainers({ max: { cpu: '0.5', memory: '256Mi' } }),
  undefined,
);
test(
  'no container may use more than the most',
  judged,
  ofContainers({ max: { memory: '255Mi' } }),
  'max memory 255Mi per Container',
);
test(
  'what a container does not say is filled in as the API server fills it in',
  judged,
  ofContainers({ min: { 'ephemeral-storage': '1Gi' }, max: { 'ephemeral-storage': '2Gi' } }),
  undefined,
);
test(
  'a limit may be so many times the request',
  judged,
  ofContainers({ maxLimitRequestRatio: { cpu: '10' } }),
  undefined,
);
test(
  'and not more',
  judged,
  ofContainers({ maxLimitRequestRatio: { cpu: '9.999' } }),
  'maxLimitRequestRatio cpu 9.999 per Container',
);
test(
  'a ratio wants what it compares',
  judged,
  ofContainers({ maxLimitRequestRatio: { 'ephemeral-storage': 2 } }),
  'maxLimitRequestRatio ephemeral-storage 2 per Container',
);
test(
  'a limit that is filled in must not be below the request',
  judged,
  ofContainers({ default: { cpu: '20m' } }),
  'default cpu is below the request',
  resources({ limits: { memory: '128Mi' } }),
);
test(
  'what it says of claims is nobody’s here',
  judged,
  { type: 'PersistentVolumeClaim', max: { storage: '1' } },
  undefined,
);
test(
  'what is no amount bounds nothing',
  judged,
  ofContainers({ max: { memory: 'much' }, min: 'little' }),
  undefined,
);

const app = (given: JsonObject): JsonObject => ({
  name: 'app',
  image: 'app:1',
  resources: { requests: given, limits: given },
});
const withPod = (pod: JsonObject): Scene => ({ pod });

test(
  'an init container counts beside nobody who comes after it',
  judged,
  ofPods({ max: { cpu: '500m' } }),
  undefined,
  withPod({ containers: [app({ cpu: '500m' })] }),
);
test(
  'it counts beside those that have started before it and stay',
  judged,
  ofPods({ max: { cpu: '550m' } }),
  'max cpu 550m per Pod',
  withPod({
    containers: [app({ cpu: '100m' })],
    initContainers: [{ ...app({ cpu: '100m' }), name: 'mesh', restartPolicy: 'Always' }],
  }),
);
test(
  'what a pod says for all its containers counts in place of theirs',
  judged,
  ofPods({ max: { cpu: '500m' } }),
  undefined,
  withPod({
    resources: { requests: { cpu: '400m' }, limits: { cpu: '500m' } },
    containers: [app({ cpu: '300m' })],
  }),
);
test(
  'a pod that is too large by itself is not ours to judge',
  judged,
  ofPods({ max: { cpu: '600m' } }),
  undefined,
  withPod({ containers: [app({ cpu: '2' })] }),
);

test('variables alone are given whatever the limits', (t) => {
  const limitRanges = [aLimitRange(ofContainers({ min: { cpu: '1' }, max: { memory: '1Mi' } }))];
  t.is(admitted('sdk', { world: { limitRanges } }).kind, 'injected');
});

test('of several LimitRanges each counts', (t) => {
  const least = aLimitRange(ofContainers({ min: { cpu: '10m' } }));
  const most = aLimitRange(ofContainers({ max: { cpu: '10m' } }));
  for (const limitRanges of [
    [least, most],
    [most, least],
  ])
    t.is(admitted('java', { world: { limitRanges } }).kind, 'declined');
});

const stampOf = (memory: string) => {
  const limitRanges = [aLimitRange(ofContainers({ max: { memory } }))];
  const admission = admitted('java', { world: { limitRanges } });
  return admission.kind === 'untouched' ? undefined : admission.stamp.asked;
};

test('a pod that limits forbade something is another than one that got all it asked for', (t) => {
  const free = admitted('java');
  t.not(stampOf('128Mi'), stampOf('256Mi'));
  t.is(stampOf('128Mi'), stampOf('64Mi'));
  t.is(stampOf('256Mi'), free.kind === 'untouched' ? undefined : free.stamp.asked);
});
