import { until } from '../../cluster/until.ts';
import {
  apps,
  ask,
  aWorkload,
  core,
  must,
  sorted,
  watchUntil,
  type Fact,
  type Thing,
} from '../fact.ts';
import { about, deployed, patched, replicaSetsIn, restart, statusOf } from '../rollouts.ts';

const hashOf = ({ metadata }: Thing) => metadata.labels?.['controller-revision-hash'] ?? '';

export const workloads: readonly Fact[] = [
  about(
    'a StatefulSet rolls from its highest ordinal, and is done when its revisions agree',
    async (t, plane, namespace) => {
      const path = apps(namespace, 'statefulsets');
      await must(plane, 'POST', path, aWorkload('db', { replicas: 2, serviceName: 'db' }));
      const settled = (generation: number) =>
        until(
          async () => {
            const found = await must(plane, 'GET', `${path}/db`);
            const { observedGeneration, availableReplicas, currentRevision, updateRevision } =
              statusOf(found);
            const isDone = observedGeneration === generation && availableReplicas === 2;
            return isDone && currentRevision === updateRevision && found;
          },
          { what: `generation ${generation} is complete` },
        );
      const before = await settled(1);
      const version = (await must(plane, 'GET', core(namespace, 'pods'))).metadata.resourceVersion;
      await patched(plane, `${path}/db`, restart('1'));
      const after = await settled(2);
      t.not(statusOf(after).currentRevision, statusOf(before).currentRevision);
      const deletions: string[] = [];
      await watchUntil(
        plane,
        `${core(namespace, 'pods')}?resourceVersion=${version}`,
        ({ type, object }) => {
          if (type === 'DELETED') deletions.push(object.metadata.name);
          return deletions.length === 2;
        },
      );
      t.deepEqual(deletions, ['db-1', 'db-0']);
      const pod = await must(plane, 'GET', `${core(namespace, 'pods')}/db-0`);
      t.like(pod.metadata.labels, {
        'statefulset.kubernetes.io/pod-name': 'db-0',
        'controller-revision-hash': statusOf(after).updateRevision,
      });
      const revisions =
        (await must(plane, 'GET', apps(namespace, 'controllerrevisions'))).items ?? [];
      const numbers = revisions.map((one) =>
        String((one as Thing & { revision: number }).revision),
      );
      t.deepEqual(sorted(numbers), ['1', '2']);
    },
  ),
  about(
    'a DaemonSet has a pod for each node, and rolls by taking them away',
    async (t, plane, namespace) => {
      await must(plane, 'POST', '/api/v1/nodes', { metadata: { name: `node-${namespace}` } });
      const path = apps(namespace, 'daemonsets');
      await must(plane, 'POST', path, aWorkload('agent'));
      // Nodes of other facts come and go.
      const settled = (generation: number) =>
        until(
          async () => {
            const { status = {} } = await must(plane, 'GET', `${path}/agent`);
            const counts = ['numberAvailable', 'updatedNumberScheduled'].map(
              (name) => status[name],
            );
            const desired = Number(status['desiredNumberScheduled']);
            const isDone = desired > 0 && counts.every((count) => count === desired);
            return isDone && status['observedGeneration'] === generation;
          },
          { what: `generation ${generation} is complete` },
        );
      const podsNow = async () => (await must(plane, 'GET', core(namespace, 'pods'))).items ?? [];
      await settled(1);
      const [first] = await podsNow();
      t.is(first?.metadata.ownerReferences?.[0]?.kind, 'DaemonSet');
      await patched(plane, `${path}/agent`, restart('1'));
      await settled(2);
      const hashes = new Set((await podsNow()).map(hashOf));
      t.is(hashes.size, 1);
      t.false(first !== undefined && hashes.has(hashOf(first)));
      await must(plane, 'DELETE', `${path}/agent`);
    },
  ),
  about('what nobody owns any more goes', async (t, plane, namespace) => {
    const path = await deployed(plane, namespace);
    await must(plane, 'DELETE', path, { propagationPolicy: 'Background' });
    await until(
      async () => {
        const pods = await must(plane, 'GET', core(namespace, 'pods'));
        const sets = await replicaSetsIn(plane, namespace);
        return sets.length + (pods.items?.length ?? 0) === 0;
      },
      { what: 'ReplicaSet and pods are gone' },
    );
    t.is((await ask(plane, 'GET', path)).code, 404);
  }),
];
