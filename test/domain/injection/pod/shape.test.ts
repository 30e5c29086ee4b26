import test from 'ava';
import {
  envOf,
  isNativeSidecar,
  mountsOf,
  readPod,
} from '../../../../domain/injection/pod/shape.ts';
import type { Json, JsonObject } from '../../../../domain/json.ts';
import { aContainer, aPod, frozen } from '../../../support/build.ts';

test('a pod is read as it arrived', (t) => {
  const json = aPod({
    annotations: { a: '1' },
    labels: { b: '2' },
    initContainers: [aContainer({ name: 'setup' })],
    volumes: [{ name: 'cache', emptyDir: {} }],
    hostNetwork: true,
  });
  const pod = readPod(json);
  t.is(pod?.json, json);
  t.is(pod?.spec, json['spec'] as JsonObject);
  t.deepEqual(pod?.annotations, { a: '1' });
  t.deepEqual(pod?.labels, { b: '2' });
  t.deepEqual(pod?.containers, [aContainer()]);
  t.deepEqual(
    pod?.initContainers.map(({ name }) => name),
    ['setup'],
  );
  t.deepEqual(pod?.volumes, [{ name: 'cache', emptyDir: {} }]);
});

test('lists that are missing or null are empty', (t) => {
  const pod = readPod(aPod({ volumes: null }));
  t.deepEqual(pod?.volumes, []);
  t.deepEqual(pod?.initContainers, []);
});

const unreadable = test.macro((t, spec: Json) => {
  t.is(readPod(frozen({ metadata: {}, spec })), undefined);
});

test('no pod: no containers', unreadable, {});
test('no pod: an empty list of containers', unreadable, { containers: [] });
test('no pod: no spec', unreadable, null);
test('no pod: containers that are no list', unreadable, { containers: { app: {} } });
test('no pod: a container that is a text', unreadable, { containers: ['app'] });
test('no pod: a container without a name', unreadable, { containers: [{ image: 'x' }] });
test('no pod: a container whose name is empty', unreadable, { containers: [{ name: '' }] });
test('no pod: a container whose name is a number', unreadable, { containers: [{ name: 1 }] });
test('no pod: a nameless container among init containers', unreadable, {
  containers: [aContainer()],
  initContainers: [{}],
});
test('no pod: a nameless volume', unreadable, {
  containers: [aContainer()],
  volumes: [{ emptyDir: {} }],
});
test('no pod: volumes that are a text', unreadable, { containers: [aContainer()], volumes: 'x' });
test('no pod: an environment that is an object', unreadable, {
  containers: [aContainer({ env: { A: '1' } })],
});
test('no pod: a variable without a name', unreadable, {
  containers: [aContainer({ env: [{ value: '1' }] })],
});
test('no pod: mounts that are no list', unreadable, {
  containers: [aContainer({ volumeMounts: {} })],
});
test('no pod: envFrom that is no list', unreadable, {
  containers: [aContainer()],
  initContainers: [aContainer({ name: 'setup', envFrom: {} })],
});

test('metadata of a wrong shape is read as nothing', (t) => {
  const pod = readPod(frozen({ metadata: 'x', spec: { containers: [aContainer()] } }));
  t.deepEqual(pod?.annotations, {});
  t.deepEqual(pod?.labels, {});
});

test('a container without env and mounts has none', (t) => {
  t.deepEqual(envOf(aContainer()), []);
  t.deepEqual(mountsOf(aContainer({ volumeMounts: null })), []);
});

test('a native sidecar is an init container that always restarts', (t) => {
  t.true(isNativeSidecar(aContainer({ restartPolicy: 'Always' })));
  t.false(isNativeSidecar(aContainer({ restartPolicy: 'Never' })));
  t.false(isNativeSidecar(aContainer()));
});
