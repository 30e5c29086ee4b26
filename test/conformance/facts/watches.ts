import { until } from '../../cluster/until.ts';
import {
  aMap,
  core,
  ask,
  merge,
  must,
  take,
  versionOf,
  watchUntil,
  type Fact,
  type Plane,
  type Told,
} from '../fact.ts';

const told = (events: readonly Told[]) =>
  events.map(({ type, object }) => [type, object.metadata.name]);

const home = async (plane: Plane) => core(await plane.namespace(), 'configmaps');

const onlyA = 'fieldSelector=metadata.name=a';
const initial = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
const isMark = ({ type }: Told) => type === 'BOOKMARK';

const labels = (tier: string) => ({ metadata: { labels: { tier } } });

export const watches: readonly Fact[] = [
  {
    title: 'a watch without a version begins with what there is',
    async check(t, plane) {
      const path = await home(plane);
      await must(plane, 'POST', path, aMap('a'));
      const [first] = await take(plane, `${path}?${onlyA}`, 1);
      t.deepEqual(first && told([first]), [['ADDED', 'a']]);
    },
  },
  {
    title: 'a watch from a version makes up for what it missed, in order',
    async check(t, plane) {
      const path = await home(plane);
      const version = await versionOf(plane, path);
      await must(plane, 'POST', path, aMap('a'));
      await must(plane, 'PATCH', `${path}/a`, { data: { b: '2' } }, merge);
      await must(plane, 'DELETE', `${path}/a`);
      const events = await take(plane, `${path}?${onlyA}&resourceVersion=${version}`, 3);
      t.deepEqual(told(events), [
        ['ADDED', 'a'],
        ['MODIFIED', 'a'],
        ['DELETED', 'a'],
      ]);
      const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
      t.deepEqual(
        versions,
        [...new Set(versions)].toSorted((a, b) => a - b),
      );
      t.is(events[2]?.object.data?.['b'], '2');
    },
  },
  {
    title:
      'an object that leaves a selection is deleted to whoever selects, as it was, at the new version',
    async check(t, plane) {
      const path = await home(plane);
      const version = await versionOf(plane, path);
      await must(plane, 'POST', path, aMap('a', { tier: 'web' }));
      const moved = await must(plane, 'PATCH', `${path}/a`, labels('db'), merge);
      await must(plane, 'PATCH', `${path}/a`, labels('web'), merge);
      const query = `labelSelector=tier%3Dweb&resourceVersion=${version}`;
      const events = await take(plane, `${path}?${query}`, 3);
      t.deepEqual(told(events), [
        ['ADDED', 'a'],
        ['DELETED', 'a'],
        ['ADDED', 'a'],
      ]);
      t.is(events[1]?.object.metadata.labels?.['tier'], 'web');
      t.is(events[1]?.object.metadata.resourceVersion, moved.metadata.resourceVersion);
    },
  },
  {
    title: 'a finalizer shows the deletion before it happens',
    async check(t, plane) {
      const path = await home(plane);
      const version = await versionOf(plane, path);
      await must(plane, 'POST', path, { metadata: { name: 'a', finalizers: ['lab.dev/hold'] } });
      const asked = await must(plane, 'DELETE', `${path}/a`);
      t.truthy(asked.metadata.deletionTimestamp);
      t.is(asked.metadata.deletionGracePeriodSeconds, 0);
      await must(plane, 'PATCH', `${path}/a`, { metadata: { finalizers: null } }, merge);
      t.is((await ask(plane, 'GET', `${path}/a`)).code, 404);
      const events = await take(plane, `${path}?${onlyA}&resourceVersion=${version}`, 3);
      t.deepEqual(
        events.map(({ type }) => type),
        ['ADDED', 'MODIFIED', 'DELETED'],
      );
    },
  },
  {
    title: 'initial events end with a bookmark that says so',
    async check(t, plane) {
      const path = await home(plane);
      await must(plane, 'POST', path, aMap('a'));
      const query = `${initial}&allowWatchBookmarks=true&${onlyA}`;
      const events = await watchUntil(plane, `${path}?${query}`, isMark);
      t.deepEqual(
        events.map(({ type }) => type),
        ['ADDED', 'BOOKMARK'],
      );
      const { metadata } = events[1]?.object ?? {};
      t.is(metadata?.annotations?.['k8s.io/initial-events-end'], 'true');
      t.true(Number(metadata?.resourceVersion) > 0);
    },
  },
  {
    title: 'initial events of nothing are the bookmark alone',
    async check(t, plane) {
      const query = `${initial}&allowWatchBookmarks=true&fieldSelector=metadata.name=none`;
      const [mark] = await take(plane, `${await home(plane)}?${query}`, 1);
      t.is(mark?.type, 'BOOKMARK');
    },
  },
  {
    title: 'initial events go with their match and not without it',
    async check(t, plane) {
      const { code, body } = await ask(
        plane,
        'GET',
        `${await home(plane)}?watch=true&sendInitialEvents=true`,
      );
      t.deepEqual([code, body.reason], [422, 'Invalid']);
    },
  },
  {
    title: 'a watch ends when it asked to, with a fresh bookmark shortly before',
    async check(t, plane) {
      const path = await home(plane);
      const version = await versionOf(plane, path);
      await must(plane, 'POST', core(await plane.namespace(), 'configmaps'), aMap('other'));
      const query = `timeoutSeconds=3&allowWatchBookmarks=true&resourceVersion=${version}`;
      // No bookmark is owed, and a server that is held up for the last two seconds sends none.
      const mark = await until(
        async () => (await watchUntil(plane, `${path}?${query}`, () => false)).find(isMark),
        { what: 'a watch is told how far it has come' },
      );
      t.true(Number(mark.object.metadata.resourceVersion) > Number(version));
    },
  },
  {
    title: 'a watch that asked for no bookmarks gets none',
    async check(t, plane) {
      const path = await home(plane);
      const query = `timeoutSeconds=2&fieldSelector=metadata.name=none`;
      t.deepEqual(await watchUntil(plane, `${path}?${query}`, () => false), []);
    },
  },
  {
    title: 'a watch from a version that is no number is an error of the server',
    async check(t, plane) {
      const path = `${await home(plane)}?watch=true&resourceVersion=abc`;
      t.is((await ask(plane, 'GET', path)).code, 500);
    },
  },
  {
    title: 'a watch that is too old gets HTTP 200, one error and its end',
    isLast: true,
    async check(t, plane) {
      const path = await home(plane);
      const version = await versionOf(plane, path);
      await must(plane, 'POST', path, aMap('a'));
      await plane.forget();
      const query = `${path}?resourceVersion=${version}`;
      const events = await watchUntil(plane, query, () => false);
      t.deepEqual(
        events.map(({ type, object }) => [type, object.code, object.reason]),
        [['ERROR', 410, 'Expired']],
      );
    },
  },
];
