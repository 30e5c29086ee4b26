import { request, Agent } from 'undici';
import { until } from '../../cluster/until.ts';
import {
  aMap,
  aPod,
  ask,
  core,
  must,
  refusal,
  versionOf,
  type Fact,
  type Plane,
  type Thing,
} from '../fact.ts';

const namesIn = ({ items }: Thing) =>
  items?.map(({ metadata }) => metadata.name).filter((name) => name !== 'kube-root-ca.crt');

/** A folder of ConfigMaps with these names. */
async function maps(plane: Plane, ...names: readonly string[]): Promise<string> {
  const path = core(await plane.namespace(), 'configmaps');
  for (const name of names) await must(plane, 'POST', path, aMap(name, { name }));
  return path;
}

export const lists: readonly Fact[] = [
  {
    title: 'a list is in the byte order of names',
    async check(t, plane) {
      const path = await maps(plane, 'b', 'a-b', 'a', 'a.b');
      t.deepEqual(namesIn(await must(plane, 'GET', path)), ['a', 'a-b', 'a.b', 'b']);
    },
  },
  {
    title: 'a list of what there is not is empty, also in a namespace that is not there',
    async check(t, plane) {
      const { body } = await ask(plane, 'GET', core('none', 'configmaps'));
      t.deepEqual([body.kind, body.items], ['ConfigMapList', []]);
    },
  },
  {
    title: 'the pages of one walk show one moment, and the last has no token',
    async check(t, plane) {
      const path = await maps(plane, 'a', 'b', 'c');
      const selected = 'fieldSelector=metadata.name!=kube-root-ca.crt';
      const first = await must(plane, 'GET', `${path}?limit=2&${selected}`);
      t.deepEqual(namesIn(first), ['a', 'b']);
      await must(plane, 'POST', path, aMap('bb'));
      await must(plane, 'DELETE', `${path}/c`);
      const next = `continue=${first.metadata.continue}`;
      const second = await must(plane, 'GET', `${path}?limit=2&${next}&${selected}`);
      t.deepEqual(namesIn(second), ['c']);
      t.is(second.metadata.resourceVersion, first.metadata.resourceVersion);
      t.is(second.metadata.continue, undefined);
    },
  },
  {
    title: 'pages of a selection are as long as they may be',
    async check(t, plane) {
      const path = await maps(plane, 'a', 'b', 'c', 'd');
      const page = await must(plane, 'GET', `${path}?limit=2&labelSelector=name%20in%20(b,d)`);
      t.deepEqual(namesIn(page), ['b', 'd']);
    },
  },
  {
    title: 'version zero gives everything at once, whatever the limit',
    async check(t, plane) {
      const path = await maps(plane, 'a', 'b', 'c');
      // What any version gives may be a moment old.
      const page = await until(
        async () => {
          const found = await must(plane, 'GET', `${path}?limit=1&resourceVersion=0`);
          return (found.items?.length ?? 0) >= 3 && found;
        },
        { what: 'all are listed' },
      );
      t.is(page.metadata.continue, undefined);
    },
  },
  {
    title: 'a list from a version is at least that new',
    async check(t, plane) {
      const path = await maps(plane, 'a');
      const version = await versionOf(plane, path);
      await must(plane, 'POST', path, aMap('b'));
      const list = await must(plane, 'GET', `${path}?resourceVersion=${version}`);
      t.true(namesIn(list)?.includes('a'));
      t.true(Number(list.metadata.resourceVersion) >= Number(version));
      // It may be newer, and what was written since need not be in it yet.
      const { metadata } = await until(
        async () => {
          const found = await must(plane, 'GET', `${path}?resourceVersion=${version}`);
          return namesIn(found)?.join() === 'a,b' && found;
        },
        { what: 'what was written since is listed' },
      );
      t.true(Number(metadata.resourceVersion) > Number(version));
    },
  },
  {
    title: 'a version from the future times out, and says why',
    async check(t, plane) {
      const { code, body, headers } = await ask(
        plane,
        'GET',
        `${await maps(plane)}?resourceVersion=999999999`,
      );
      t.deepEqual([code, body.reason, headers['retry-after']], [504, 'Timeout', '1']);
      t.is(body.details?.causes?.[0]?.reason, 'ResourceVersionTooLarge');
    },
  },
  {
    title: 'the version of a list moves with writes of other kinds',
    async check(t, plane) {
      const namespace = await plane.namespace();
      const before = await versionOf(plane, core(namespace, 'secrets'));
      await must(plane, 'POST', core(namespace, 'configmaps'), aMap('a'));
      const after = await versionOf(plane, core(namespace, 'secrets'));
      t.true(Number(after) > Number(before));
    },
  },
  {
    title: 'labels are selected as Kubernetes writes it',
    async check(t, plane) {
      const path = await maps(plane, 'a', 'b');
      const found = async (selector: string) =>
        namesIn(await must(plane, 'GET', `${path}?labelSelector=${encodeURIComponent(selector)}`));
      t.deepEqual(await found('name=a'), ['a']);
      t.deepEqual(await found('name!=a,name'), ['b']);
      t.deepEqual(await found('name notin (a),name'), ['b']);
      t.deepEqual(await found('!name'), []);
      t.is((await ask(plane, 'GET', `${path}?labelSelector=a%20b%20c`)).code, 400);
    },
  },
  {
    title: 'pods are selected by node and phase, and not by what no selector knows',
    async check(t, plane) {
      const path = core(await plane.namespace(), 'pods');
      await must(plane, 'POST', path, aPod('a'));
      const found = async (selector: string) =>
        namesIn(await must(plane, 'GET', `${path}?fieldSelector=${encodeURIComponent(selector)}`));
      t.deepEqual(await found('spec.nodeName=,status.phase=Pending'), ['a']);
      t.deepEqual(await found('spec.nodeName=node-1'), []);
      t.is((await ask(plane, 'GET', `${path}?fieldSelector=metadata.uid=a`)).code, 400);
    },
  },
  {
    title: 'events are selected by what they are about',
    async check(t, plane) {
      const namespace = await plane.namespace();
      const about = (name: string) => ({
        metadata: { name: `${name}.1` },
        reason: 'Because',
        involvedObject: { kind: 'Pod', name, namespace, uid: `uid-${name}` },
      });
      const path = core(namespace, 'events');
      for (const name of ['a', 'b']) await must(plane, 'POST', path, about(name));
      const fields = [
        'involvedObject.name=b',
        `involvedObject.namespace=${namespace}`,
        'involvedObject.kind=Pod',
        'involvedObject.uid=uid-b',
      ];
      const selector = encodeURIComponent(fields.join(','));
      t.deepEqual(namesIn(await must(plane, 'GET', `${path}?fieldSelector=${selector}`)), ['b.1']);
    },
  },
  {
    title: 'versions and tokens that are none are refused',
    async check(t, plane) {
      const path = await maps(plane);
      t.deepEqual(await refusal(plane, 'GET', `${path}?resourceVersion=abc`), [400, 'BadRequest']);
      t.deepEqual(await refusal(plane, 'GET', `${path}?continue=abc`), [400, 'BadRequest']);
    },
  },
  {
    title: 'whoever wants a table gets rows, with the name first and metadata beside',
    async check(t, plane) {
      const path = core(await plane.namespace(), 'pods');
      await must(plane, 'POST', path, aPod('a'));
      const { columnDefinitions, rows, kind } = await tableAt(plane, path);
      t.is(kind, 'Table');
      t.is((await tableAt(plane, path, 'g=meta.k8s.io;v=v1;as=Table')).kind, 'Table');
      t.deepEqual(
        columnDefinitions.slice(0, 4).map(({ name }) => name),
        ['Name', 'Ready', 'Status', 'Restarts'],
      );
      t.deepEqual(rows[0]?.cells.slice(0, 3), ['a', '0/1', 'Pending']);
      t.like(rows[0]?.object, { kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
    },
  },
  {
    title: 'whoever wants metadata alone gets that, of all that a selector means and in pages',
    async check(t, plane) {
      const path = core(await plane.namespace(), 'pods');
      for (const name of ['a', 'b', 'c']) await must(plane, 'POST', path, aPod(name));
      const living = 'fieldSelector=status.phase!=Succeeded,status.phase!=Failed';
      const first = await partsAt(plane, `${path}?limit=2&${living}`);
      t.like(first, { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' });
      t.deepEqual(namesIn(first), ['a', 'b']);
      const rest = `limit=2&continue=${first.metadata.continue}&${living}`;
      const last = await partsAt(plane, `${path}?${rest}`);
      t.deepEqual(namesIn(last), ['c']);
      t.is(last.metadata.resourceVersion, first.metadata.resourceVersion);
      const part = last.items?.[0];
      t.like(part, { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' });
      t.deepEqual([part?.spec, part?.status], [undefined, undefined]);
      t.deepEqual(part?.metadata, (await must(plane, 'GET', `${path}/c`)).metadata);
      const none = await partsAt(plane, `${path}?fieldSelector=status.phase!=Pending`);
      t.is(none.items ?? null, null);
    },
  },
];

const partsAt = (plane: Plane, path: string) =>
  read<Thing>(
    plane,
    path,
    'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;q=0.9',
  );

interface Table {
  readonly kind: string;
  readonly columnDefinitions: readonly { readonly name: string }[];
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: Thing }[];
}

const tableAt = (plane: Plane, path: string, form = 'as=Table;v=v1;g=meta.k8s.io') =>
  read<Table>(plane, path, `application/json;${form},application/json`);

/** The answer in the form that is asked for. */
async function read<T>({ server, caPem, token }: Plane, path: string, accept: string): Promise<T> {
  const dispatcher = new Agent({ connect: { ca: caPem } });
  const headers = { accept, authorization: `Bearer ${token}` };
  const { body } = await request(`${server}${path}`, { headers, dispatcher });
  const answer = (await body.json()) as T;
  await dispatcher.close();
  return answer;
}
