import type { Instrumentation } from '../../../domain/injection/instrumentation/settings.ts';
import type { World } from '../../../domain/injection/match.ts';
import { answerPod, type Decision, type Surroundings } from '../admission.ts';
import type { Review } from '../review.ts';

/** A decision with all that it rests on beside the pod. */
export interface Observed {
  readonly decision: Decision;
  readonly world: World;
  /** What was asked for on the way, and what there was. */
  readonly seen: readonly Seen[];
}

interface Seen {
  readonly namespace: string;
  readonly instrumentations: readonly Instrumentation[];
}

export function observed(review: Review, around: Surroundings): Observed {
  const world = around.worldOf(review.namespace);
  const seen = new Map<string, Seen>();
  const watched: World = {
    ...world,
    instrumentations: {
      in: (namespace) => {
        seen.set(namespace, { namespace, instrumentations: listed(world, namespace) });
        return world.instrumentations.in(namespace);
      },
    },
  };
  const decision = answerPod(review, { ...around, worldOf: () => watched });
  return { decision, world, seen: [...seen.values()] };
}

/**
 * Whether the decision would be the same now. Whatever is written anew is another object, so the
 * very same say the same. All that a World is made of is looked at, also what it may once come to hold.
 */
export function holds({ world, seen }: Observed, now: World): boolean {
  const { namespace, instrumentations: _then, ...rest } = world;
  const { namespace: namespaceNow, instrumentations: _now, ...restNow } = now;
  return (
    hasSameMembers(namespace, namespaceNow) &&
    hasSameMembers(rest, restNow) &&
    seen.every((one) => isSameList(one.instrumentations, listed(now, one.namespace)))
  );
}

function hasSameMembers(one: object, other: object): boolean {
  const theirs = new Map<string, unknown>(Object.entries(other));
  const mine = Object.entries(one);
  return mine.length === theirs.size && mine.every(([key, value]) => theirs.get(key) === value);
}

const listed = ({ instrumentations }: World, namespace: string): readonly Instrumentation[] => [
  ...(instrumentations.in(namespace)?.values() ?? []),
];

const isSameList = (one: readonly Instrumentation[], other: readonly Instrumentation[]) =>
  one.length === other.length && one.every((item, index) => item === other[index]);
