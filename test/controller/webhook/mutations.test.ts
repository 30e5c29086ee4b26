import test from 'ava';
import { applyPatch, type Operation } from 'rfc6902';
import { Agent } from 'undici';
import { isObject, objectAt, type Json, type JsonObject } from '../../../domain/json.ts';
import { answerPod, isQuiet } from '../../../controller/webhook/admission.ts';
import { aWorld } from '../../support/build.ts';
import { chosenSeed, diceOf, type Dice } from '../../support/dice.ts';
import { randomCase, worldOf } from '../../support/random.ts';
import { aReview, around, responseIn, running } from './support.ts';

const turns = Number(process.env['RETROFIT_MUTATIONS'] ?? 2_000);

const oddities: readonly [Json, ...Json[]] = [
  null,
  '',
  'true',
  '../../etc',
  '\u0000\u{1f600}\ud800',
  0,
  -1,
  1e308,
  true,
  [],
  {},
  [null],
  [[]],
  [{}],
  { name: null },
  { name: 'app', image: 7 },
  [{ name: 'app' }, { name: 'app' }],
  'x'.repeat(5_000),
];

type Branch = Record<string, Json> | Json[];

/** All places of a value that can be changed. */
function placesIn(value: Json, found: (readonly [Branch, string])[] = []) {
  if (typeof value !== 'object' || value === null) return found;
  for (const key of Object.keys(value)) {
    found.push([value as Branch, key]);
    placesIn((value as Record<string, Json>)[key] ?? null, found);
  }
  return found;
}

function mutateJson(review: JsonObject, dice: Dice): string {
  const copy = structuredClone(review);
  for (let change = 1 + dice.roll(3); change > 0; change -= 1) {
    const places = placesIn(copy);
    const [branch, key] = places[dice.roll(places.length)] ?? [copy, 'kind'];
    const at = branch as Record<string, Json>;
    switch (dice.roll(6)) {
      case 0:
        if (Array.isArray(branch)) branch.splice(Number(key), 1);
        else delete at[key];
        break;
      case 1:
        at[key] = [at[key] ?? null];
        break;
      case 2:
        at[key] = nested(dice.roll(500));
        break;
      case 3:
        Object.defineProperty(branch, dice.pick(['__proto__', 'constructor', 'length0']), {
          value: structuredClone(dice.pick(oddities)),
          enumerable: true,
          configurable: true,
          writable: true,
        });
        break;
      default:
        at[key] = structuredClone(dice.pick(oddities));
    }
  }
  return JSON.stringify(copy);
}

function nested(depth: number): Json {
  let value: Json = 'deep';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { value };
  return value;
}

function mutateBytes(text: string, dice: Dice): Buffer {
  const bytes = Buffer.from(text);
  const at = dice.roll(bytes.length);
  const length = 1 + dice.roll(50);
  switch (dice.roll(4)) {
    case 0:
      bytes[at] = dice.roll(256);
      return bytes;
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    default:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
  }
}

function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/** What makes an answer one that an API server takes without turning the pod away. */
function complaintAbout(body: Buffer, text: string): string | undefined {
  const response = responseIn(text);
  const { uid, allowed, patch, patchType, warnings = [] } = response;
  const review = jsonIn(body);
  // Of a pod that names nothing of ours only what is around it is read.
  if (review === undefined && patch === undefined && allowed === true) return undefined;
  const request = (isObject(review) && objectAt(review, 'request')) || {};
  if (uid !== request['uid']) return 'another uid';
  if (allowed !== true) return 'turned away';
  if ((patch === undefined) !== (patchType === undefined)) return 'half a patch';
  const lines = warnings as readonly string[];
  const isOdd = lines.some((line) => !/^[\x20-\x7e]{1,256}$/.test(line));
  if (lines.length > 3 || isOdd) return 'odd warnings';
  if (typeof patch !== 'string') return undefined;
  const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as Operation[];
  const errors = applyPatch(structuredClone(request['object']), operations);
  return errors.some((error) => error !== null) ? 'a patch that does not apply' : undefined;
}

test('whatever is sent, the answer is valid or a clean refusal', async (t) => {
  t.timeout(600_000);
  const seed = chosenSeed();
  t.log(`seed ${seed}, ${turns} mutations`);
  const dice = diceOf(seed);
  const failures = new Map<string, number>();
  let world = aWorld();
  const { port, pair } = await running(t, {
    answers: {
      pods: (review) => answerPod(review, { ...around(), worldOf: () => world }),
      instrumentations: () => {
        throw new Error('unused');
      },
    },
    isQuiet: () => isQuiet(world),
    record: (fact) => {
      if (fact.type !== 'AdmissionFailed') return;
      const failure = `${fact.reason}: ${String(fact.cause)}`;
      failures.set(failure, (failures.get(failure) ?? 0) + 1);
    },
  });
  const agent = new Agent({
    connections: 1,
    connect: { ca: pair.authority, servername: 'localhost' },
  });
  t.teardown(() => agent.close());
  const statuses = new Map<number, number>();
  for (let turn = 0; turn < turns; turn += 1) {
    const one = randomCase(dice);
    world = worldOf(one);
    const review = aReview(one.pod, { dryRun: dice.chance(0.1) });
    const text = dice.chance(0.8) ? mutateJson(review, dice) : JSON.stringify(review);
    const body = dice.chance(0.2) ? mutateBytes(text, dice) : Buffer.from(text);
    const response = await agent.request({
      origin: `https://127.0.0.1:${port}`,
      path: '/mutate-pod?timeout=10s',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const answer = await response.body.text();
    const { statusCode } = response;
    statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
    if (statusCode === 200)
      t.is(complaintAbout(body, answer), undefined, `turn ${turn}: ${answer}`);
    else t.regex(answer, /^[A-Z].*\.\n$/, `turn ${turn}`);
    t.true(statusCode === 200 || (statusCode >= 400 && statusCode < 500), `turn ${turn}`);
  }
  t.log(Object.fromEntries(statuses));
  t.log(Object.fromEntries(failures));
  t.true((statuses.get(200) ?? 0) > turns / 4);
});
