import { objectAt, type JsonObject } from '../../json.ts';
import type { Draft } from './draft.ts';
import {
  amountsIn,
  filled,
  type Amounts,
  type Bound,
  type LimitRange,
  type Resources,
} from './limit-range.ts';
import { isNativeSidecar, type Container, type Pod } from './shape.ts';

export interface Step {
  readonly before: Draft;
  readonly after: Draft;
}

/**
 * Which bound would make the API server refuse the pod for what a language adds, and whose it is.
 * What the pod breaks by itself is not ours to judge: another webhook may still mend it.
 */
export function limitBroken(
  { before, after }: Step,
  { spec }: Pod,
  ranges: readonly LimitRange[],
): string | undefined {
  const known = new Set(containersOf(before).map(({ name }) => name));
  const added = containersOf(after).filter(({ name }) => !known.has(name));
  if (added.length === 0) return undefined;
  const given = added.map((container) => resourcesOf(container, ranges));
  const [was, is] = [totalOf(before, spec, ranges), totalOf(after, spec, ranges)];
  const isBroken = (bound: Bound) =>
    bound.of === 'Container'
      ? given.some((resources) => breaks(bound, resources))
      : breaks(bound, is) && !breaks(bound, was);
  for (const { name, bounds, defaults } of ranges) {
    const bound = bounds.find(isBroken);
    if (bound !== undefined)
      return `${name}: ${bound.kind} ${bound.resource} ${bound.text} per ${bound.of}`;
    const low = [...defaults.limits.keys()].find((resource) =>
      given.some((resources) => isUpsideDown(resources, resource)),
    );
    if (low !== undefined) return `${name}: default ${low} is below the request`;
  }
  return undefined;
}

const containersOf = ({ containers, initContainers }: Draft) => [...initContainers, ...containers];

/** What a container has after the API server has filled in what it does not say. */
function resourcesOf(container: Container, ranges: readonly LimitRange[]): Resources {
  const own = objectAt(container, 'resources') ?? {};
  const limits = amountsIn(objectAt(own, 'limits'));
  return ranges.reduce<Resources>(
    (so, { defaults }) => ({
      requests: filled(so.requests, defaults.requests),
      limits: filled(so.limits, defaults.limits),
    }),
    { requests: filled(amountsIn(objectAt(own, 'requests')), limits), limits },
  );
}

function breaks({ kind, resource, amount }: Bound, { requests, limits }: Resources): boolean {
  return isBeyond[kind](amount, requests.get(resource), limits.get(resource));
}

type Beyond = (amount: number, request: number | undefined, limit: number | undefined) => boolean;

const isBeyond: Readonly<Record<Bound['kind'], Beyond>> = {
  min: (amount, request, limit) =>
    request === undefined || request < amount || (limit ?? amount) < amount,
  max: (amount, request, limit) =>
    limit === undefined || limit > amount || (request ?? amount) > amount,
  maxLimitRequestRatio: (amount, request, limit) =>
    !request || !limit || (limit / request) * 1_000 > amount,
};

const isUpsideDown = ({ requests, limits }: Resources, resource: string) =>
  (requests.get(resource) ?? 0) > (limits.get(resource) ?? Infinity);

function totalOf(draft: Draft, spec: JsonObject, ranges: readonly LimitRange[]): Resources {
  const own = objectAt(spec, 'resources') ?? {};
  const limitsOfPod = ofPods(amountsIn(objectAt(own, 'limits')));
  const requestsOfPod = ofPods(amountsIn(objectAt(own, 'requests')));
  const needed = sumOf(draft, (one) => resourcesOf(one, ranges).requests);
  return {
    requests: filled(requestsOfPod, filled(needed, limitsOfPod)),
    limits: filled(
      limitsOfPod,
      sumOf(draft, (one) => resourcesOf(one, ranges).limits),
    ),
  };
}

/** A pod can say these for all its containers together, and then theirs do not count. */
const ofPods = (amounts: Amounts): Amounts =>
  new Map([...amounts].filter(([name]) => name === 'cpu' || name === 'memory'));

/** Init containers run one after the other, before the rest; those that stay count with it. */
function sumOf(
  { containers, initContainers }: Draft,
  amountsOf: (container: Container) => Amounts,
): Amounts {
  let staying: Amounts = new Map();
  let highest: Amounts = new Map();
  for (const container of initContainers) {
    const together = plus(staying, amountsOf(container));
    highest = joined(highest, together, Math.max);
    if (isNativeSidecar(container)) staying = together;
  }
  const running = containers.map(amountsOf).reduce(plus, staying);
  return joined(running, highest, Math.max);
}

const plus = (one: Amounts, other: Amounts) => joined(one, other, (a, b) => a + b);

const joined = (one: Amounts, other: Amounts, join: (a: number, b: number) => number): Amounts =>
  new Map([
    ...one,
    ...[...other].map(([name, amount]) => [name, join(one.get(name) ?? 0, amount)] as const),
  ]);
