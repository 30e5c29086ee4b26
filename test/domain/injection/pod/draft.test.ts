import test from 'ava';
import { diff } from '../../../../domain/injection/patch.ts';
import {
  addInitContainers,
  addVolume,
  draftOf,
  findContainer,
  findVolume,
  finish,
  isInitContainer,
  replaceContainer,
  type Draft,
} from '../../../../domain/injection/pod/draft.ts';
import { aContainer, aReadPod, frozen } from '../../../support/build.ts';

const pod = aReadPod({
  containers: [aContainer(), aContainer({ name: 'web' })],
  initContainers: [aContainer({ name: 'one' }), aContainer({ name: 'two' })],
  volumes: [{ name: 'cache', emptyDir: {} }],
  hostNetwork: true,
});
const draft = frozen(draftOf(pod));

const names = ({ containers, initContainers }: Draft) =>
  [initContainers, containers].map((list) => list.map(({ name }) => name).join(' '));

test('a draft in which nothing was done leaves the pod as it arrived', (t) => {
  const finished = finish(pod, draft);
  t.deepEqual(finished, pod.json);
  t.deepEqual(diff(pod.json, finished), []);
});

test('a container is replaced where it stands', (t) => {
  const next = replaceContainer(draft, aContainer({ name: 'web', image: 'other' }));
  t.deepEqual(names(next), ['one two', 'app web']);
  t.is(findContainer(next, 'web')?.['image'], 'other');
  t.is(next.initContainers, draft.initContainers);
});

test('an init container is replaced where it stands', (t) => {
  const next = replaceContainer(draft, aContainer({ name: 'one', image: 'other' }));
  t.deepEqual(names(next), ['one two', 'app web']);
  t.is(findContainer(next, 'one')?.['image'], 'other');
  t.is(next.containers, draft.containers);
});

test('a name is looked for among the regular containers first', (t) => {
  const both = frozen({ ...draft, initContainers: [aContainer({ image: 'init' })] });
  t.is(findContainer(both, 'app'), draft.containers[0]);
  t.false(isInitContainer(both, 'app'));
  t.true(isInitContainer(draft, 'one'));
  t.is(findContainer(draft, 'ghost'), undefined);
});

const added = [aContainer({ name: 'agent' }), aContainer({ name: 'extension' })];

test('init containers for a regular container come last', (t) => {
  t.deepEqual(names(addInitContainers(draft, added, 'web')), [
    'one two agent extension',
    'app web',
  ]);
});

test('init containers for an init container come right before it', (t) => {
  t.deepEqual(names(addInitContainers(draft, added, 'two')), [
    'one agent extension two',
    'app web',
  ]);
});

test('a volume is added at the end and then found', (t) => {
  const next = addVolume(draft, { name: 'agent', emptyDir: {} });
  t.deepEqual(
    next.volumes.map(({ name }) => name),
    ['cache', 'agent'],
  );
  t.deepEqual(findVolume(next, 'agent'), { name: 'agent', emptyDir: {} });
  t.is(findVolume(next, 'ghost'), undefined);
});

test('only what was changed is in the patch', (t) => {
  const finished = finish(pod, addVolume(draft, { name: 'agent', emptyDir: {} }));
  t.deepEqual(diff(pod.json, finished), [
    { op: 'add', path: '/spec/volumes/1', value: { name: 'agent', emptyDir: {} } },
  ]);
});

test('a process namespace is shared when the draft says so', (t) => {
  t.deepEqual(diff(pod.json, finish(pod, { ...draft, shareProcessNamespace: true })), [
    { op: 'add', path: '/spec/shareProcessNamespace', value: true },
  ]);
});

test('lists that the pod does not have are begun', (t) => {
  const bare = aReadPod();
  const next = addInitContainers(
    addVolume(draftOf(bare), { name: 'agent', emptyDir: {} }),
    [aContainer({ name: 'agent' })],
    'app',
  );
  t.deepEqual(
    diff(bare.json, finish(bare, next)).map(({ op, path }) => `${op} ${path}`),
    ['add /spec/initContainers', 'add /spec/volumes'],
  );
});
