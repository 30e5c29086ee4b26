import { setTimeout as pause } from 'node:timers/promises';
import type { Api, Metadata } from '../../../../sandbox/api.ts';
import { readState } from './states.ts';

/** A control plane on which a story is played. */
export interface Plane {
  readonly api: Api;
  /** How long nothing may happen before the next move: a slow plane needs more. */
  readonly quietMs: number;
}

export interface Pod {
  readonly metadata: Metadata;
  readonly spec: {
    readonly nodeName?: string;
    readonly affinity?: {
      readonly nodeAffinity: {
        readonly requiredDuringSchedulingIgnoredDuringExecution: {
          readonly nodeSelectorTerms: readonly {
            readonly matchFields: readonly { readonly values: readonly string[] }[];
          }[];
        };
      };
    };
  };
  readonly status: {
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** One look may come late, and see nothing for that reason; all of them do not. */
const looks = 8;

const workloads = ['deployments', 'statefulsets', 'daemonsets'] as const;
export type Plural = (typeof workloads)[number];

/**
 * One namespace with a kubelet that makes one move at a time, and only when the controllers have
 * come to rest: so the order of a workload's states depends on the controllers alone.
 */
export interface Stage {
  readonly api: Api;
  readonly namespace: string;
  readonly pathOf: (plural: string, name?: string) => string;
  readonly create: (plural: Plural, body: object) => Promise<void>;
  readonly patch: (plural: string, name: string, body: object) => Promise<void>;
  readonly pods: () => Promise<readonly Pod[]>;
  /** Nothing has happened for a while. */
  readonly rest: () => Promise<void>;
  /** Moves pods until there is nothing left to do for a kubelet. */
  readonly play: (isSound?: (pod: Pod) => boolean) => Promise<void>;
  readonly setReady: (pod: Pod, ready: boolean, startedAt?: string) => Promise<void>;
  /** What the workload went through; equal neighbours are told once. */
  readonly order: () => readonly string[];
  /** Which of these were states at rest. */
  readonly rests: () => readonly number[];
  readonly end: () => Promise<void>;
}

export async function openStage(plane: Plane, namespace: string): Promise<Stage> {
  const { api, quietMs } = plane;
  const end = new AbortController();
  let quietLooks = 0;
  const states: string[] = [];
  const rests: number[] = [];
  const seen = new Map<string, number>();

  const pathOf = (plural: string, name?: string) => {
    const root = plural === 'pods' ? '/api/v1' : '/apis/apps/v1';
    return `${root}/namespaces/${namespace}/${plural}${name === undefined ? '' : `/${name}`}`;
  };
  const follow = async (plural: string) => {
    try {
      for await (const { type, object } of api.watch(pathOf(plural), end.signal)) {
        quietLooks = 0;
        if (plural === 'pods')
          seen.set(object.metadata.uid, seen.get(object.metadata.uid) ?? seen.size);
        if (!isWorkload(plural) || type === 'DELETED') continue;
        const state = readState(plural, object);
        if (state !== states.at(-1)) states.push(state);
      }
    } catch (error) {
      if (!end.signal.aborted) throw error;
    }
  };
  const followed = Promise.all(
    [...workloads, 'replicasets', 'controllerrevisions', 'pods'].map(follow),
  );

  const pods = async () => {
    const { body } = await api.call<{ items: readonly Pod[] }>('GET', pathOf('pods'));
    const rank = ({ metadata }: Pod) => seen.get(metadata.uid) ?? seen.size;
    return body.items.toSorted((one, other) => rank(one) - rank(other));
  };
  const rest = async () => {
    for (quietLooks = 0; quietLooks < looks; quietLooks++) await pause(quietMs / looks);
    if (states.length > 0 && rests.at(-1) !== states.length - 1) rests.push(states.length - 1);
  };
  await rest();

  const setReady = async (pod: Pod, ready: boolean, startedAt = new Date().toISOString()) => {
    const lastTransitionTime = startedAt.replace(/\.\d+/, '');
    const condition = { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime };
    await expectCode(
      api.call(
        'PATCH',
        `${pathOf('pods', pod.metadata.name)}/status`,
        { status: { phase: 'Running', conditions: [condition] } },
        { type: 'application/merge-patch+json' },
      ),
      200,
    );
  };
  const bind = async ({ metadata: { name }, spec }: Pod) => {
    const [term] =
      spec.affinity?.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution
        .nodeSelectorTerms ?? [];
    const node = term?.matchFields[0]?.values[0] ?? 'node-a';
    const body = { metadata: { name }, target: { kind: 'Node', name: node } };
    await expectCode(api.call('POST', `${pathOf('pods', name)}/binding`, body), 201);
  };
  const move = async (isSound: (pod: Pod) => boolean) => {
    const all = await pods();
    const leaving = all.find(({ metadata }) => metadata.deletionTimestamp !== undefined);
    if (leaving !== undefined) {
      const { name, uid } = leaving.metadata;
      const now = { gracePeriodSeconds: 0, preconditions: { uid } };
      await expectCode(api.call('DELETE', pathOf('pods', name), now), 200);
      return true;
    }
    const coming = all.find((pod) => !isReady(pod) && isSound(pod));
    if (coming === undefined) return false;
    if (coming.spec.nodeName === undefined) await bind(coming);
    await setReady(coming, true);
    return true;
  };
  return {
    api,
    namespace,
    pathOf,
    pods,
    rest,
    setReady,
    create: async (plural, body) => {
      await expectCode(api.call('POST', pathOf(plural), body), 201);
    },
    patch: async (plural, name, body) => {
      const type = 'application/merge-patch+json';
      await expectCode(api.call('PATCH', pathOf(plural, name), body, { type }), 200);
    },
    play: async (isSound = () => true) => {
      await rest();
      while (await move(isSound)) await rest();
    },
    order: () => states,
    rests: () => rests,
    end: async () => {
      end.abort();
      await followed;
    },
  };
}

export const isReady = ({ status }: Pod) =>
  status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;

const isWorkload = (plural: string): plural is Plural => workloads.some((one) => one === plural);

export async function expectCode(call: ReturnType<Api['call']>, wanted: number): Promise<void> {
  const { code, body } = await call;
  if (code !== wanted) throw new Error(`${code}, not ${wanted}: ${JSON.stringify(body)}`);
}
