import test from 'ava';
import { createWants } from '../../../../controller/loop/looking/wants.ts';
import { readWorkload, type Workload } from '../../../../domain/restart/records/workload.ts';
import { readNamespace, type Namespace } from '../../../../domain/restart/records/namespace.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import type { WorldDifferences } from '../../../support/build.ts';
import { aLimitRange, anInstrumentation, asking, aWorld, frozen } from '../../../support/build.ts';

function aNamespace(annotations: JsonObject = {}): Namespace {
  const read = readNamespace({ metadata: { name: 'shop', uid: 'n', annotations } });
  if (read === undefined) throw new Error('the builder made no namespace');
  return read;
}

function cart(annotations: JsonObject = asking('java'), version = '7'): Workload {
  const template = {
    metadata: { annotations },
    spec: { containers: [{ name: 'app', image: 'app:1' }] },
  };
  const metadata = { name: 'cart', namespace: 'shop', uid: 'u', resourceVersion: version };
  const read = readWorkload('Deployment', frozen({ metadata, spec: { template } }));
  if (read === undefined) throw new Error('the builder made no workload');
  return read;
}

/** All around one workload, as a test changes it. */
function scene() {
  const around = {
    namespace: aNamespace(),
    differences: {} as WorldDifferences,
    fingerprint: 'one',
  };
  const namespaces = {
    size: 1,
    get: () => around.namespace,
    keys: () => ['shop'],
    values: () => [around.namespace],
    byIndex: () => [],
  };
  const wants = createWants({
    kept: { namespaces } as unknown as Parameters<typeof createWants>[0]['kept'],
    worldOf: () => aWorld(around.differences),
    fingerprint: () => around.fingerprint,
  });
  const asked = (workload = cart()) => {
    const wanted = wants.of(workload);
    return wanted.kind === 'nothing' ? wanted.reason : wanted.stamp.asked;
  };
  return { around, wants, asked };
}

test('what is wanted is found once, for as long as nothing changes but the status', (t) => {
  const { wants } = scene();
  t.is(wants.of(cart()), wants.of(cart(undefined, '8')));
});

test('another template may want something else', (t) => {
  const { asked } = scene();
  const before = asked();
  t.not(asked(cart(asking('python'))), before);
  t.is(asked(cart({})), 'NotAsked');
});

test('settings that change are seen, though the workload has not changed', (t) => {
  const { around, asked } = scene();
  const before = asked();
  const changed = anInstrumentation({ exporter: { endpoint: 'http://elsewhere:4318' } });
  Object.assign(around, { fingerprint: 'two', differences: { instrumentations: [changed] } });
  t.not(asked(), before);
});

test('a namespace that says something else is seen', (t) => {
  const { around, asked } = scene();
  t.is(asked(cart({})), 'NotAsked');
  const annotations = asking('java');
  Object.assign(around, { namespace: aNamespace(annotations), differences: { annotations } });
  t.not(asked(cart({})), 'NotAsked');
});

test('limits of the namespace that change are seen', (t) => {
  const { around, wants } = scene();
  t.is(wants.of(cart()).kind, 'given');
  const limitRanges = [aLimitRange({ type: 'Container', max: { cpu: '1m' } })];
  Object.assign(around, { differences: { limitRanges } });
  t.like(wants.of(cart()), { kind: 'refused', reason: 'LimitRangeForbids' });
});

test('who comes anew under the same name is found anew', (t) => {
  const { wants } = scene();
  const before = wants.of(cart());
  wants.forget('u');
  t.not(wants.of(cart()), before);
  t.deepEqual(wants.of(cart()), before);
});
