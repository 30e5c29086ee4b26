import { marks } from '../../../../crds/names.ts';
import { objectAt, textAt } from '../../../../domain/json.ts';
import type { WorkloadKind } from '../../../../domain/restart/records/metadata.ts';
import type { Dice } from '../../../support/dice.ts';
import type { Cluster, WorkloadSpec } from './model/cluster.ts';
import type { ModelWorkload } from './model/records.ts';
import { hour, minute, settingsA, settingsB } from './scene.ts';

/** Something that befalls a cluster now and then. */
export type Adversary = (cluster: Cluster, dice: Dice) => void;

const anyOf = ({ workloads }: Cluster, dice: Dice): ModelWorkload | undefined =>
  [...workloads.values()][dice.roll(Math.max(1, workloads.size))];

const withOne =
  (act: (workload: ModelWorkload, cluster: Cluster, dice: Dice) => void): Adversary =>
  (cluster, dice) => {
    const workload = anyOf(cluster, dice);
    if (workload) act(workload, cluster, dice);
  };

export const adversaries: Readonly<Record<string, Adversary>> = {
  flip: (cluster, dice) => {
    cluster.applyInstrumentation(dice.pick([settingsA, settingsB, {}]));
  },
  deploy: withOne((workload, cluster, dice) => {
    cluster.deploy(workload, { version: `${dice.roll(4)}` });
  }),
  deployElsewhere: withOne((workload, cluster, dice) => {
    cluster.deploy(workload, { version: `${dice.roll(4)}` }, { keepsMarker: false });
  }),
  strip: withOne((workload, cluster) => {
    const annotations = objectAt(objectAt(workload.template, 'metadata') ?? {}, 'annotations');
    if (annotations && textAt(annotations, marks.restart) !== undefined)
      cluster.deploy(workload, {}, { keepsMarker: false });
  }),
  undo: withOne((workload, cluster) => {
    cluster.undo(workload);
  }),
  drain: withOne((workload, cluster, dice) => {
    cluster.drainPod(workload, dice.roll(3));
  }),
  scale: withOne((workload, cluster, dice) => {
    cluster.scale(workload, dice.roll(5));
  }),
  webhookAway: (cluster, dice) => {
    cluster.setWebhook({ admits: 'skips', isProbeGood: dice.chance(0.2) });
    cluster.agenda.after(dice.roll(20 * minute), () => {
      cluster.setWebhook({ admits: 'injects', isProbeGood: true });
    });
  },
  webhookDeclines: (cluster, dice) => {
    const admits = dice.pick(['declines', 'declinesAsBefore'] as const);
    cluster.setWebhook({ admits, isProbeGood: dice.chance(0.5) });
    cluster.agenda.after(dice.roll(20 * minute), () => {
      cluster.setWebhook({ admits: 'injects', isProbeGood: true });
    });
  },
  controllersAway: (cluster, dice) => {
    cluster.stopControllers(dice.roll(40 * minute));
  },
  agentBreaks: (cluster, dice) => {
    const agentCrashesAfter = dice.pick([undefined, undefined, 10, 120, 600]);
    const agentNeverReady = dice.chance(0.1);
    for (const workload of dice.some([...cluster.workloads.values()], 0.5))
      workload.behaviour = { ...workload.behaviour, agentCrashesAfter, agentNeverReady };
  },
  recreate: withOne((workload, cluster) => {
    const { name, namespace, kind, replicas } = workload;
    cluster.removeWorkload(workload);
    cluster.addWorkload({ name, namespace, kind, replicas });
  }),
  forgetInstrumentation: (cluster, dice) => {
    cluster.removeInstrumentation('shop/main');
    cluster.agenda.after(dice.roll(20 * minute), () => {
      cluster.applyInstrumentation(dice.pick([settingsA, settingsB]));
    });
  },
  wipeStatus: (cluster) => {
    const status = cluster.instrumentations.get('shop/main')?.record.status ?? {};
    const empty = Object.fromEntries(Object.keys(status).map((key) => [key, null]));
    cluster.patchStatus('shop/main', { status: empty });
  },
  resume: (cluster) => {
    const told = objectAt(
      cluster.instrumentations.get('shop/main')?.record.status ?? {},
      'breaker',
    );
    const since = told && textAt(told, 'since');
    if (since !== undefined)
      cluster.annotateInstrumentation('shop/main', { 'otel-retrofit.dev/resume': since });
  },
  touch: withOne((workload, cluster) => {
    cluster.touch(workload);
  }),
};

/** From now on some of them come again and again, each at a pace of its own. */
export function unleash(cluster: Cluster, dice: Dice): readonly string[] {
  const chosen = dice.some(Object.entries(adversaries), 0.3);
  for (const [, adversary] of chosen) {
    const pace = dice.pick([5 * minute, 20 * minute, hour, 4 * hour]);
    const again = () => {
      cluster.agenda.after(1 + dice.roll(2 * pace), () => {
        adversary(cluster, dice);
        again();
      });
    };
    again();
  }
  return chosen.map(([name]) => name);
}

export function someWorkloads(dice: Dice): readonly WorkloadSpec[] {
  const namespaces = 1 + dice.roll(4);
  return Array.from({ length: 2 + dice.roll(8) }, (_, index): WorkloadSpec => {
    const kind = dice.pick<WorkloadKind>([
      'Deployment',
      'Deployment',
      'Deployment',
      'StatefulSet',
      'DaemonSet',
    ]);
    return {
      kind,
      name: `web${index}`,
      namespace: `ns${dice.roll(namespaces)}`,
      replicas: 1 + dice.roll(4),
      withoutProbe: dice.chance(0.2),
      isAdopted: dice.chance(0.1),
      behaviour: {
        startSeconds: 1 + dice.roll(30),
        ...(dice.chance(0.1) ? { readySeconds: dice.roll(900) } : {}),
      },
      strategy: {
        revisionHistoryLimit: dice.pick([0, 1, 2, 10, 10, 10]),
        minReadySeconds: dice.pick([0, 0, 0, 90]),
        type: dice.chance(0.1) && kind === 'Deployment' ? 'Recreate' : 'RollingUpdate',
      },
      deadSeats: dice.chance(0.1) ? [0] : [],
      annotations: dice.chance(0.3) ? { 'otel-retrofit.dev/remediation': 'restart' } : {},
    };
  });
}

export const lengths = [hour, hour, 2 * hour, 6 * hour] as const;
