import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import { applyPatch, type Operation } from 'rfc6902';
import { admit, patchOf, type Admission } from '../../domain/injection/admit.ts';
import type { World } from '../../domain/injection/match.ts';
import { listAt, objectAt, type JsonObject } from '../../domain/json.ts';
import { podReasons } from '../../domain/reasons.ts';
import { brokenReferences, losses, variants } from '../support/compare.ts';
import { chosenSeed, diceOf } from '../support/dice.ts';
import { randomCase, worldOf, type Case } from '../support/random.ts';
import { problemsOf } from '../support/validity.ts';

const seed = chosenSeed();
const count = 10_000;

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}

interface Seen {
  readonly one: Case;
  readonly world: World;
  readonly answer: Admission;
  /** The pod as it is afterwards. */
  readonly pod: JsonObject;
}

/** What is wrong with one case, in a few words; nothing if all is well. */
type Check = (seen: Seen) => string | undefined;

const checks: Readonly<Record<string, Check>> = {
  'applying the patch gives the injected pod': ({ one, answer, pod }) => {
    const patched = structuredClone(one.pod);
    const operations = patchOf(one.pod, answer) as unknown as Operation[];
    const failures = applyPatch(patched, operations).filter((error) => error !== null);
    return failures.length === 0 && isDeepStrictEqual(patched, pod) ? undefined : 'differs';
  },
  'a pod that was valid is valid afterwards': ({ one, pod }) => {
    const before = new Set(problemsOf(one.pod));
    return problemsOf(pod).find((problem) => !before.has(problem));
  },
  'injecting twice changes nothing': ({ world, pod }) => {
    const again = admit(pod, world);
    return again.kind === 'untouched' || isDeepStrictEqual(again.pod, pod) ? undefined : 'differs';
  },
  'no value, volume, mount or unknown field of the user is lost': ({ one, pod }) =>
    losses(one.pod, pod)[0],
  'what referred to an earlier variable before still does': ({ one, pod }) =>
    brokenReferences(one.pod, pod)[0],
  'a refused or exempt pod keeps its spec': ({ one, answer, pod }) =>
    answer.kind === 'injected' || isDeepStrictEqual(pod['spec'], one.pod['spec'])
      ? undefined
      : 'differs',
  'a template and its pod have one digest, whatever another webhook adds': ({
    one,
    world,
    answer,
  }) => {
    if (answer.kind === 'untouched') return undefined;
    const other = admit(withStrangers(one.pod), world);
    return 'stamp' in other && isDeepStrictEqual(other.stamp, answer.stamp) ? undefined : 'differs';
  },
};

function withStrangers(pod: JsonObject): JsonObject {
  const spec = objectAt(pod, 'spec') ?? {};
  const containers = [{ name: 'added-first', image: 'x:1' }, ...(listAt(spec, 'containers') ?? [])];
  const volumes = [...(listAt(spec, 'volumes') ?? []), { name: 'added', emptyDir: {} }];
  return { ...pod, spec: { ...spec, containers, volumes } };
}

const broken = new Map<string, string[]>(Object.keys(checks).map((title) => [title, []]));
const met = new Set<string>();
const dice = diceOf(seed);
for (let index = 0; index < count; index++) {
  const one = deepFreeze(randomCase(dice));
  const world = worldOf(one);
  const answer = admit(one.pod, world);
  const pod = answer.kind === 'untouched' ? one.pod : answer.pod;
  for (const [title, check] of Object.entries(checks)) {
    const problem = check({ one, world, answer, pod });
    if (problem !== undefined) broken.get(title)?.push(`case ${index}: ${problem}`);
  }
  if ('reason' in answer) met.add(answer.reason);
  if ('refusals' in answer) for (const { reason } of answer.refusals) met.add(reason);
  if ('notes' in answer) for (const { reason } of answer.notes) met.add(reason);
}

for (const [title, problems] of broken) {
  test(`${title} (${count} random pods, seed ${seed})`, (t) => {
    t.deepEqual(problems.slice(0, 5), []);
  });
}

test('every reason that a random pod can have is met', (t) => {
  const elsewhere = new Set([
    'AgentInTemplate',
    'AlreadyInjected',
    'StaticPod',
    'PodUnreadable',
    'TooLarge',
    'LimitRangeForbids',
    'OtherVendorsAgent',
  ]);
  const missing = Object.keys(podReasons).filter((reason) => !met.has(reason));
  t.deepEqual(
    missing.filter((reason) => !elsewhere.has(reason)),
    [],
  );
});

test('for one pod equal digests give equal patches, whatever the Instrumentation is called', (t) => {
  const again = diceOf(seed + 1);
  for (let index = 0; index < count / 5; index++) {
    const byDigest = new Map<string, string>();
    for (const variant of variants(randomCase(again))) {
      const answer = admit(variant.pod, worldOf(variant));
      if (answer.kind !== 'injected') continue;
      const patch = JSON.stringify(patchOf(variant.pod, answer));
      const key = `${answer.stamp.asked}.${answer.stamp.defaults}`;
      if ((byDigest.get(key) ?? patch) !== patch) t.fail(`case ${index} of seed ${seed + 1}`);
      byDigest.set(key, patch);
    }
  }
  t.pass();
});
