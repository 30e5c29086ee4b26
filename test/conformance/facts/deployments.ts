import { until } from '../../cluster/until.ts';
import {
  apps,
  aWorkload,
  core,
  must,
  sorted,
  versionOf,
  watchUntil,
  type Fact,
  type Thing,
} from '../fact.ts';
import {
  about,
  ascends,
  deployed,
  desiredOf,
  firstWhere,
  markOf,
  patched,
  reasonOf,
  replicaSetsIn,
  restart,
  revisionOf,
  saidAt,
  statusOf,
  untilComplete,
} from '../rollouts.ts';

export const deployments: readonly Fact[] = [
  about(
    'a Deployment gets its revision before it is observed, and its pods before it is available',
    async (t, plane, namespace) => {
      const path = apps(namespace, 'deployments');
      const { metadata } = await must(plane, 'POST', path, aWorkload('web', { replicas: 2 }));
      t.is(metadata.generation, 1);
      const from = String(Number(metadata.resourceVersion) - 1);
      const events = await untilComplete(plane, `${path}/web`, from);
      const order = [
        (object: Thing) => revisionOf(object) === '1',
        (object: Thing) => statusOf(object).observedGeneration === 1,
        (object: Thing) => statusOf(object).replicas === 2,
        (object: Thing) => reasonOf(object, 'Available') === 'MinimumReplicasAvailable',
      ].map((holds) => firstWhere(events, holds));
      t.true(ascends(order), String(order));
      t.true((order[0] ?? 0) < (order[1] ?? 0));
    },
  ),
  about(
    'a restart shows a new generation and a new revision while all counters still look complete',
    async (t, plane, namespace) => {
      const path = await deployed(plane, namespace);
      const before = await must(plane, 'GET', path);
      const asked = await patched(plane, path, restart('1'));
      t.is(asked.metadata.generation, 2);
      t.deepEqual(asked.status, before.status);
      const events = await untilComplete(plane, path, asked.metadata.resourceVersion);
      const stale = events.find(({ object }) => revisionOf(object) === '2')?.object;
      t.is(stale && statusOf(stale).observedGeneration, 1);
      t.is(stale && statusOf(stale).updatedReplicas, 2);
      t.is(stale && reasonOf(stale, 'Progressing'), 'NewReplicaSetCreated');
      t.true(
        events.every(({ object }) => reasonOf(object, 'Available') === 'MinimumReplicasAvailable'),
      );
    },
  ),
  about('counters that are zero are absent', async (t, plane, namespace) => {
    const path = await deployed(plane, namespace);
    const { status = {} } = await must(plane, 'GET', path);
    t.false('unavailableReplicas' in status);
  }),
  about('the same restart again makes nothing new', async (t, plane, namespace) => {
    const path = await deployed(plane, namespace);
    const { metadata } = await patched(plane, path, restart('1'));
    await untilComplete(plane, path, metadata.resourceVersion);
    const settled = await patched(plane, path, restart('1'));
    t.is(settled.metadata.generation, 2);
    t.is((await replicaSetsIn(plane, namespace)).length, 2);
  }),
  about(
    'going back to an earlier template uses its ReplicaSet again, under the next revision',
    async (t, plane, namespace) => {
      const path = await deployed(plane, namespace);
      for (const value of ['1', '2', '1']) {
        const { metadata } = await patched(plane, path, restart(value));
        await untilComplete(plane, path, metadata.resourceVersion);
      }
      const sets = await replicaSetsIn(plane, namespace);
      t.deepEqual(sorted(sets.map((set) => revisionOf(set) ?? '')), ['1', '3', '4']);
      const again = sets.find((set) => revisionOf(set) === '4');
      t.is(again?.metadata.annotations?.['deployment.kubernetes.io/revision-history'], '2');
      t.is(revisionOf(await must(plane, 'GET', path)), '4');
    },
  ),
  about(
    'a Deployment whose pods are all of the template that was observed last names the ReplicaSet of it',
    async (t, plane, namespace) => {
      const path = await deployed(plane, namespace);
      const told: Thing[] = [];
      for (const [turn, replicas] of [2, 3, 3, 1].entries()) {
        const change = { spec: { ...restart(`${turn}`).spec, replicas } };
        const { metadata } = await patched(plane, path, change);
        const events = await untilComplete(plane, path, metadata.resourceVersion);
        told.push(...events.map(({ object }) => object));
      }
      const sets = await replicaSetsIn(plane, namespace);
      const marks = new Map(sets.map((set) => [revisionOf(set), markOf(set)]));
      const settled = told.filter((deployment) => {
        const { observedGeneration = 0, updatedReplicas = 0 } = statusOf(deployment);
        const { generation = 0 } = deployment.metadata;
        return observedGeneration >= generation && updatedReplicas >= desiredOf(deployment);
      });
      t.true(settled.length >= 4);
      for (const one of settled) t.is(marks.get(revisionOf(one)), markOf(one));
    },
  ),
  about(
    'a Deployment says when it last made a ReplicaSet or went back to one, and how many pods live',
    async (t, plane, namespace) => {
      const path = await deployed(plane, namespace);
      for (const value of ['1', '2', '1']) {
        const before = saidAt(await must(plane, 'GET', path));
        await until(async () => Date.now() >= before + 1_000, { what: 'a second has passed' });
        const { metadata } = await patched(plane, path, restart(value));
        await untilComplete(plane, path, metadata.resourceVersion);
        const now = await must(plane, 'GET', path);
        const sets = await replicaSetsIn(plane, namespace);
        const { items: pods = [] } = await must(plane, 'GET', core(namespace, 'pods'));
        const living = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
        const made = [...sets, ...living].map((one) =>
          Date.parse(one.metadata.creationTimestamp ?? ''),
        );
        t.true(saidAt(now) >= Math.max(...made));
        t.is(statusOf(now).replicas, living.length);
      }
    },
  ),
  about(
    'pods belong to their ReplicaSet, it to its Deployment, and all carry the hash of the template',
    async (t, plane, namespace) => {
      const path = await deployed(plane, namespace);
      const deployment = await must(plane, 'GET', path);
      const [set] = await replicaSetsIn(plane, namespace);
      const hash = set?.metadata.labels?.['pod-template-hash'];
      t.is(set?.metadata.name, `web-${hash}`);
      t.like(set?.metadata.ownerReferences?.[0], {
        kind: 'Deployment',
        uid: deployment.metadata.uid,
      });
      const { items = [] } = await must(plane, 'GET', core(namespace, 'pods'));
      t.is(items.length, 2);
      for (const { metadata } of items) {
        t.like(metadata.ownerReferences?.[0], { kind: 'ReplicaSet', uid: set?.metadata.uid });
        t.like(metadata.labels, { app: 'web', 'pod-template-hash': hash });
      }
    },
  ),
  about('a paused Deployment observes and does nothing', async (t, plane, namespace) => {
    const path = await deployed(plane, namespace);
    await patched(plane, path, { spec: { paused: true } });
    await patched(plane, path, restart('1'));
    const paused = await until(
      async () => {
        const found = await must(plane, 'GET', path);
        return statusOf(found).observedGeneration === 3 && found;
      },
      { what: 'it is observed' },
    );
    t.is(reasonOf(paused, 'Progressing'), 'DeploymentPaused');
    t.is(statusOf(paused).updatedReplicas, undefined);
    t.is((await replicaSetsIn(plane, namespace)).length, 1);
  }),
  about('Recreate has no pods of two templates', async (t, plane, namespace) => {
    const path = await deployed(plane, namespace, { strategy: { type: 'Recreate' } });
    const from = `resourceVersion=${await versionOf(plane, core(namespace, 'pods'))}`;
    const { metadata } = await patched(plane, path, restart('1'));
    const events = await untilComplete(plane, path, metadata.resourceVersion);
    const mixed = events.filter(({ object }) => {
      const { replicas = 0, updatedReplicas = 0 } = statusOf(object);
      return updatedReplicas > 0 && updatedReplicas < replicas;
    });
    t.deepEqual(mixed, []);
    const pods = `${core(namespace, 'pods')}?${from}`;
    const seen: string[] = [];
    await watchUntil(plane, pods, ({ type }) => {
      if (type !== 'MODIFIED') seen.push(type);
      return seen.length === 4;
    });
    t.deepEqual(seen, ['DELETED', 'DELETED', 'ADDED', 'ADDED']);
  }),
  {
    title: 'a Deployment that gets no further says so after its deadline',
    needsControllers: true,
    async check(t, plane) {
      const path = apps(await plane.namespace(), 'deployments');
      await must(plane, 'POST', path, aWorkload('web', { progressDeadlineSeconds: 1 }));
      const condition = await until(
        async () => {
          const found = await must(plane, 'GET', `${path}/web`);
          const { conditions = [] } = statusOf(found);
          return conditions.find(({ reason }) => reason === 'ProgressDeadlineExceeded');
        },
        { what: 'the deadline has passed' },
      );
      t.is(condition.status, 'False');
    },
  },
  about('scaling down takes pods away, and no generation of pods', async (t, plane, namespace) => {
    const path = await deployed(plane, namespace);
    const { metadata } = await patched(plane, path, { spec: { replicas: 1 } });
    await untilComplete(plane, path, metadata.resourceVersion);
    t.is((await replicaSetsIn(plane, namespace)).length, 1);
    await until(
      async () => (await must(plane, 'GET', core(namespace, 'pods'))).items?.length === 1,
      { what: 'one pod is left' },
    );
  }),
];
