import type { Fields } from '../api.ts';
import { create, remove, writeStatus, type Change } from './changes.ts';
import { forget, labelOf, revise } from './history.ts';
import {
  bornAt,
  hasEnded,
  isAvailable,
  isLeaving,
  isReady,
  nextAvailable,
  podAfter,
  share,
} from './pods.ts';
import type { Pod, Template, Workload, World } from './shapes.ts';

/** A node, and the one pod there that counts: it may be leaving. */
interface Place {
  readonly node: string;
  readonly pod: Pod | undefined;
}

const hashOf = ({ metadata }: Pod) => metadata.labels?.[labelOf.DaemonSet];

/** Brings a DaemonSet's pods one step nearer to what it says; its status tells what came of the step. */
export function advanceDaemonSet(set: Workload, world: World, now: number): readonly Change[] {
  if (isLeaving(set)) return [];
  const { name, hash, changes } = revise('DaemonSet', set, world.revisions);
  const places = findPlaces(world);
  const serves = (pod: Pod) => isAvailable(pod, set, now);
  const isNew = (pod: Pod) => hashOf(pod) === hash;
  const counted = new Set(places.map(({ pod }) => pod));
  const surplus = world.pods.filter((pod) => !counted.has(pod));
  const bare = places.filter(({ pod }) => pod === undefined);
  const isKept = surplus.every(isLeaving) && bare.length === 0;
  const outdated =
    isKept && set.spec.updateStrategy.type === 'RollingUpdate'
      ? chooseOutdated(set, places, { isNew, serves })
      : [];
  const moves = [
    ...surplus.filter((pod) => !isLeaving(pod)).map((pod) => remove('pods', pod)),
    ...outdated.map((pod) => remove('pods', pod)),
    ...bare.map(({ node }) => create('pods', podFor(set, hash, node))),
  ];
  const needed = new Set([hash, ...world.pods.map(hashOf)]);
  return [
    ...changes,
    ...moves,
    ...(moves.length === 0
      ? writeStatus('daemonsets', set, statusOf(set, places, { isNew, serves }))
      : []),
    ...forget(
      set,
      world.revisions,
      ({ metadata }) => metadata.name === name || needed.has(metadata.labels?.[labelOf.DaemonSet]),
    ),
    ...nextAvailable(world.pods, set, now),
  ];
}

function findPlaces({ nodes, pods }: World): readonly Place[] {
  const alive = pods.filter((pod) => !hasEnded(pod));
  const there = Map.groupBy(alive, placeOf);
  return nodes.map(({ metadata: { name } }) => ({
    node: name,
    pod: there.get(name)?.toSorted(byAge)[0],
  }));
}

const byAge = (one: Pod, other: Pod) => bornAt(one) - bornAt(other);

/** A DaemonSet's pod says in its affinity where it belongs, long before it is bound. */
const placeOf = ({ spec }: Pod) =>
  spec.nodeName ??
  /"metadata.name".*?"values":\["(.*?)"/.exec(JSON.stringify(spec.affinity ?? {}))?.[1];

function podFor({ metadata, spec: { template } }: Workload, hash: string, node: string) {
  const here = { key: 'metadata.name', operator: 'In', values: [node] };
  const terms = { nodeSelectorTerms: [{ matchFields: [here] }] };
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: terms };
  const affinity = { ...(template.spec['affinity'] as Fields | undefined), nodeAffinity };
  const bound: Template = { ...template, spec: { ...template.spec, affinity } };
  return podAfter(bound, 'DaemonSet', metadata, { [labelOf.DaemonSet]: hash });
}

interface Judge {
  readonly isNew: (pod: Pod) => boolean;
  readonly serves: (pod: Pod) => boolean;
}

function statusOf({ metadata }: Workload, places: readonly Place[], { isNew, serves }: Judge) {
  const pods = places.flatMap(({ pod }) => pod ?? []);
  const available = pods.filter(serves).length;
  return {
    observedGeneration: metadata.generation,
    desiredNumberScheduled: places.length,
    currentNumberScheduled: pods.length,
    numberReady: pods.filter(isReady).length,
    updatedNumberScheduled: pods.filter(isNew).length,
    numberAvailable: available,
    numberUnavailable: places.length - available,
    numberMisscheduled: 0,
  };
}

/** An old pod that does not serve is replaced at once; of the others as many as may be missing. */
function chooseOutdated(
  { spec: { updateStrategy } }: Workload,
  places: readonly Place[],
  { isNew, serves }: Judge,
): readonly Pod[] {
  const pods = places.flatMap(({ pod }) => pod ?? []);
  const outdated = pods.filter((pod) => !isLeaving(pod) && !isNew(pod));
  const missing = pods.filter((pod) => isLeaving(pod) || (isNew(pod) && !serves(pod)));
  const [serving = [], failing = []] = [true, false].map((is) =>
    outdated.filter((pod) => serves(pod) === is),
  );
  const { maxUnavailable } = updateStrategy.rollingUpdate ?? {};
  const most = share(maxUnavailable, places.length, Math.ceil) || 1;
  const spare = Math.max(0, most - missing.length - failing.length);
  return [...failing, ...serving.slice(0, spare)];
}
