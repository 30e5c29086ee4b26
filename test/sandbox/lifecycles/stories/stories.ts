import { until } from '../../../cluster/until.ts';
import type { Plural, Stage } from './stage.ts';

/** What is done to one workload, move by move. */
export interface Story {
  readonly title: string;
  readonly tell: (stage: Stage) => Promise<void>;
}

const labels = { app: 'w' };
const templateOf = (version: string, more: object = {}) => ({
  metadata: { labels, annotations: { version } },
  spec: { containers: [{ name: 'main', image: 'none' }], ...more },
});

function workload(kind: string, spec: object) {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'w', labels },
    spec: { selector: { matchLabels: labels }, template: templateOf('1'), ...spec },
  };
}

const deployment = (spec: object) => workload('Deployment', { replicas: 4, ...spec });
const statefulSet = (spec: object) =>
  workload('StatefulSet', { replicas: 3, serviceName: 'w', ...spec });
const daemonSet = (spec: object) => workload('DaemonSet', spec);

const change = (stage: Stage, plural: Plural, spec: object) => stage.patch(plural, 'w', { spec });
const restart = (stage: Stage, plural: Plural, version: string) =>
  change(stage, plural, { template: { metadata: { annotations: { version } } } });

/** Creates the workload, lets it come up, does the rest. */
const after = (
  title: string,
  [plural, body]: readonly [Plural, object],
  rest: (stage: Stage) => Promise<void>,
): Story => ({
  title,
  tell: async (stage) => {
    await stage.create(plural, body);
    await stage.play();
    await rest(stage);
  },
});

export const stories: readonly Story[] = [
  after('a Deployment is created', ['deployments', deployment({})], async () => {}),
  after('a Deployment restarts', ['deployments', deployment({})], async (stage) => {
    await restart(stage, 'deployments', '2');
    await stage.play();
  }),
  after(
    'a Deployment restarts without surge',
    [
      'deployments',
      deployment({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '50%' } } }),
    ],
    async (stage) => {
      await restart(stage, 'deployments', '2');
      await stage.play();
    },
  ),
  after(
    'a Deployment goes back to its first template',
    ['deployments', deployment({ replicas: 2 })],
    async (stage) => {
      await restart(stage, 'deployments', '2');
      await stage.play();
      await restart(stage, 'deployments', '1');
      await stage.play();
    },
  ),
  after(
    'a Deployment is recreated',
    ['deployments', deployment({ replicas: 2, strategy: { type: 'Recreate' } })],
    async (stage) => {
      await restart(stage, 'deployments', '2');
      await stage.play();
    },
  ),
  after(
    'a Deployment is paused, changed and resumed',
    ['deployments', deployment({ replicas: 2 })],
    async (stage) => {
      await change(stage, 'deployments', { paused: true });
      await stage.play();
      await restart(stage, 'deployments', '2');
      await stage.play();
      await change(stage, 'deployments', { paused: null });
      await stage.play();
    },
  ),
  after('a Deployment is scaled', ['deployments', deployment({ replicas: 2 })], async (stage) => {
    await change(stage, 'deployments', { replicas: 4 });
    await stage.play();
    await change(stage, 'deployments', { replicas: 1 });
    await stage.play();
    await change(stage, 'deployments', { replicas: 0 });
    await stage.play();
    await restart(stage, 'deployments', '2');
    await stage.play();
  }),
  after(
    'a Deployment changes its mind in the middle of a rollout',
    ['deployments', deployment({})],
    async (stage) => {
      await restart(stage, 'deployments', '2');
      await stage.play(({ metadata }) => metadata.annotations?.['version'] !== '2');
      await restart(stage, 'deployments', '3');
      await stage.play();
    },
  ),
  after(
    'a Deployment misses its deadline',
    ['deployments', deployment({ replicas: 2, progressDeadlineSeconds: 5 })],
    async (stage) => {
      await restart(stage, 'deployments', '2');
      await stage.play(({ metadata }) => metadata.annotations?.['version'] !== '2');
      await until(() => stage.order().at(-1)?.includes('ProgressDeadlineExceeded'), {
        what: 'the deadline has passed',
      });
      await stage.play();
    },
  ),
  after(
    'a Deployment completes its rollout in a crash loop',
    ['deployments', deployment({ replicas: 2 })],
    async (stage) => {
      await restart(stage, 'deployments', '2');
      await stage.play();
      for (const pod of await stage.pods()) {
        await stage.setReady(pod, false);
        await stage.rest();
      }
    },
  ),
  after(
    'a Deployment waits for minReadySeconds',
    ['deployments', deployment({ replicas: 2, minReadySeconds: 2 })],
    async (stage) => {
      await until(() => stage.order().at(-1)?.includes('NewReplicaSetAvailable'), {
        what: 'the pods have been ready for long enough',
      });
    },
  ),
  after('a StatefulSet is created', ['statefulsets', statefulSet({})], async () => {}),
  after('a StatefulSet restarts', ['statefulsets', statefulSet({})], async (stage) => {
    await restart(stage, 'statefulsets', '2');
    await stage.play();
  }),
  after(
    'a StatefulSet goes back to its first template',
    ['statefulsets', statefulSet({ replicas: 2 })],
    async (stage) => {
      await restart(stage, 'statefulsets', '2');
      await stage.play();
      await restart(stage, 'statefulsets', '1');
      await stage.play();
    },
  ),
  after(
    'a StatefulSet restarts above its partition',
    ['statefulsets', statefulSet({ updateStrategy: { rollingUpdate: { partition: 2 } } })],
    async (stage) => {
      await restart(stage, 'statefulsets', '2');
      await stage.play();
      await change(stage, 'statefulsets', { updateStrategy: { rollingUpdate: { partition: 0 } } });
      await stage.play();
    },
  ),
  after(
    'a StatefulSet restarts on delete',
    [
      'statefulsets',
      statefulSet({ replicas: 2, updateStrategy: { type: 'OnDelete', rollingUpdate: null } }),
    ],
    async (stage) => {
      await restart(stage, 'statefulsets', '2');
      await stage.play();
      for (const name of ['w-0', 'w-1']) {
        await stage.api.call('DELETE', stage.pathOf('pods', name));
        await stage.play();
      }
    },
  ),
  after(
    'a StatefulSet is scaled',
    ['statefulsets', statefulSet({ replicas: 2 })],
    async (stage) => {
      await change(stage, 'statefulsets', { replicas: 4 });
      await stage.play();
      await change(stage, 'statefulsets', { replicas: 1 });
      await stage.play();
    },
  ),
  after('a DaemonSet is created', ['daemonsets', daemonSet({})], async () => {}),
  after('a DaemonSet restarts', ['daemonsets', daemonSet({})], async (stage) => {
    await restart(stage, 'daemonsets', '2');
    await stage.play();
  }),
  after(
    'a DaemonSet restarts two at once and goes back',
    ['daemonsets', daemonSet({ updateStrategy: { rollingUpdate: { maxUnavailable: '50%' } } })],
    async (stage) => {
      await restart(stage, 'daemonsets', '2');
      await stage.play();
      await restart(stage, 'daemonsets', '1');
      await stage.play();
    },
  ),
  after(
    'a DaemonSet restarts on delete',
    ['daemonsets', daemonSet({ updateStrategy: { type: 'OnDelete', rollingUpdate: null } })],
    async (stage) => {
      await restart(stage, 'daemonsets', '2');
      await stage.play();
      for (const { metadata } of await stage.pods()) {
        await stage.api.call('DELETE', stage.pathOf('pods', metadata.name));
        await stage.play();
      }
    },
  ),
];
