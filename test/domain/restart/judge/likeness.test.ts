import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { wantedOf } from '../../../../domain/restart/gather.ts';
import {
  createDecisionOf,
  isReadByInjection,
  outlineOf,
} from '../../../../domain/restart/judge/likeness.ts';
import {
  isObject,
  listAt,
  objectAt,
  textAt,
  type Json,
  type JsonObject,
} from '../../../../domain/json.ts';
import { chosenSeed, diceOf, type Dice } from '../../../support/dice.ts';
import { randomCase, worldOf } from '../../../support/random.ts';

const seed = chosenSeed();

const sourceOf = (template: JsonObject, name = 'cart') =>
  ({ kind: 'Deployment', name, uid: `uid-${name}`, template }) as const;

const longest = 512;

/** Another text wherever a text is a version, a label or a setting, as far as `isTold` says so. */
function retold(template: JsonObject, dice: Dice): JsonObject {
  const text = () => 'x'.repeat(1 + dice.roll(longest));
  const metadata = objectAt(template, 'metadata') ?? {};
  const spec = objectAt(template, 'spec') ?? {};
  const texts = (json: JsonObject) =>
    Object.fromEntries(Object.keys(json).map((key) => [key, text()]));
  const variable = (entry: Json): Json =>
    isObject(entry) && typeof entry['value'] === 'string' && Object.keys(entry).length === 2
      ? retoldVariable(entry, text())
      : entry;
  const container = (json: Json): Json =>
    isObject(json)
      ? {
          ...json,
          ...(typeof json['image'] === 'string' ? { image: `shop.example/${text()}:2` } : {}),
          ...(listAt(json, 'env') ? { env: (listAt(json, 'env') ?? []).map(variable) } : {}),
        }
      : json;
  const lists = ['containers', 'initContainers'].flatMap((key) => {
    const list = listAt(spec, key);
    return list === undefined ? [] : [[key, list.map(container)] as const];
  });
  const labels = objectAt(metadata, 'labels');
  return {
    ...template,
    metadata: { ...metadata, ...(labels && { labels: texts(labels) }) },
    spec: { ...spec, ...Object.fromEntries(lists) },
  };
}

function retoldVariable(entry: JsonObject, text: string): JsonObject {
  const [name = '', value = ''] = ['name', 'value'].map((key) => textAt(entry, key));
  const isRead = isReadByInjection(name) || value.includes('$(') || value === '';
  return isRead ? entry : { ...entry, value: text };
}

test(`what is decided of one template is what would be decided of each that is like it (1500 random templates, seed ${seed})`, (t) => {
  const dice = diceOf(seed);
  let shared = 0;
  for (let count = 0; count < 1_500; count += 1) {
    const one = randomCase(dice);
    const world = worldOf(one);
    const [first, second] = [sourceOf(one.pod), sourceOf(retold(one.pod, dice), 'checkout')];
    const decide = createDecisionOf();
    decide(first, world);
    if (outlineOf(first) !== undefined && outlineOf(first) === outlineOf(second)) shared += 1;
    t.deepEqual(
      decide(second, world).wanted,
      wantedOf(second, world),
      `case ${count} of seed ${seed}`,
    );
  }
  t.true(shared > 300, `only ${shared} were alike`);
});

test('a template that differs in what decides is not like another', (t) => {
  const container = { name: 'app', image: 'shop:1', env: [{ name: 'PLACE', value: 'here' }] };
  const template = {
    metadata: { annotations: { 'instrumentation.opentelemetry.io/inject-nodejs': 'true' } },
    spec: { containers: [container] },
  };
  const withEnv = (...env: readonly JsonObject[]): JsonObject => ({
    ...template,
    spec: { containers: [{ ...container, env }] },
  });
  const outline = outlineOf(sourceOf(template));
  t.is(outlineOf(sourceOf(withEnv({ name: 'PLACE', value: 'there' }), 'web')), outline);
  for (const other of [
    withEnv({ name: 'NODE_OPTIONS', value: 'here' }),
    withEnv({ name: 'NODE_OPTIONS', value: '--require dd-trace/init' }),
    withEnv({ name: 'PLACE', value: '$(OTEL_POD_IP)' }),
    withEnv({ name: 'PLACE', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }),
    withEnv({ name: 'PLACE', value: '' }),
    withEnv({ name: 'PLACE', value: 'x'.repeat(longest + 1) }),
    { ...template, metadata: { annotations: { team: 'blue' } } },
    { ...template, spec: { containers: [{ ...container, name: 'web' }] } },
    { ...template, spec: { ...template.spec, volumes: [{ name: 'here' }] } },
  ])
    t.not(outlineOf(sourceOf(other)), outline, JSON.stringify(other));
});

test('what is long is decided by itself', (t) => {
  const template = { metadata: { annotations: { long: 'x'.repeat(10_000) } } };
  t.is(outlineOf(sourceOf(template)), undefined);
  t.is(outlineOf(sourceOf({}, 'x'.repeat(longest + 1))), undefined);
});

/** Written like variables, and none. */
const others = new Set([
  'AUDIT_WRITE',
  'CAP_SYS_ADMIN',
  'DAC_OVERRIDE',
  'NET_BIND_SERVICE',
  'SYS_ADMIN',
]);

test('every variable that injection speaks of is one whose value counts', (t) => {
  const folder = join(import.meta.dirname, '../../../../domain/injection');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const named = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [
      ...readFileSync(join(folder, file), 'utf8').matchAll(
        /['"`](_?[A-Z][A-Z\d]*(?:_[A-Z\d]+)*)_?\b/g,
      ),
    ])
    .map(([, name = '']) => name)
    .filter((name) => name.includes('_') || name.endsWith('PATH'));
  t.true(named.includes('JAVA_TOOL_OPTIONS') && named.includes('PYTHONPATH'));
  t.deepEqual(
    [...new Set(named)].filter((name) => !isReadByInjection(name) && !others.has(name)),
    [],
  );
});
