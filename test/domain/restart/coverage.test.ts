import test from 'ava';
import { coverageOf, lackOf, podStates } from '../../../domain/restart/coverage.ts';
import { aSnapshot, type PodScene, type Scene } from '../../support/restart.ts';

const counted = test.macro({
  title: (title = '') => `a pod ${title}`,
  exec(t, pod: PodScene, expected: string | undefined, scene: Scene = {}) {
    const coverage = coverageOf(aSnapshot({ ...scene, pods: [pod] }));
    const found = podStates.filter((state) => coverage[state] > 0);
    t.deepEqual(found, expected === undefined ? [] : ([expected] as typeof found));
  },
});

const gone: Scene = {
  templateAnnotations: { 'instrumentation.opentelemetry.io/inject-java': 'false' },
};
const refusing: Scene = { instrumentation: 'none' };

test('with the wanted stamp is current', counted, { carries: 'stamp' }, 'current');
test(
  'with the wanted stamp of an earlier release is aged',
  counted,
  { carries: 'agedStamp' },
  'aged',
);
test('with another stamp is outdated', counted, { carries: 'otherStamp' }, 'outdated');
test('that the operator has injected is adopted', counted, { carries: 'adopted' }, 'adopted');
test('that carries nothing is missing', counted, {}, 'missing');
test('that our webhook has declined is refused', counted, { carries: 'declined' }, 'refused');
test(
  'that was declined by a webhook of another release is missing: ours might give it',
  counted,
  { carries: 'declined', declined: { defaults: 'feedfeedfeedfeed' } },
  'missing',
);
test(
  'that was declined when something else was asked is missing',
  counted,
  { carries: 'declined', declined: { asked: 'feedfeedfeedfeed' } },
  'missing',
);
test('whose template would be refused is refused', counted, {}, 'refused', refusing);
test(
  'with a stamp that nobody asks for any more is unwanted',
  counted,
  { carries: 'stamp' },
  'unwanted',
  gone,
);
test('that nobody asks to be injected has no state', counted, {}, undefined, gone);
test('that is going does not count', counted, { isGoing: true }, undefined);
test('that has failed does not count', counted, { phase: 'Failed' }, undefined);
test('that is done does not count', counted, { phase: 'Succeeded' }, undefined);
test('that waits for its node counts', counted, { phase: 'Pending' }, 'missing');

test('default images of an earlier release of ours leave nothing to be mended', (t) => {
  const coverage = coverageOf(
    aSnapshot({ pods: [{ carries: 'agedStamp' }, { carries: 'stamp' }] }),
  );
  t.is(lackOf(coverage), undefined);
});

const lack = (...pods: readonly PodScene[]) => lackOf(coverageOf(aSnapshot({ pods })));

test('pods that lack everything come before those that are out of date', (t) => {
  t.is(lack({ carries: 'stamp' }), undefined);
  t.is(lack({ carries: 'stamp' }, { carries: 'otherStamp' }), 'outdated');
  t.is(lack({ carries: 'adopted' }), 'outdated');
  t.is(lack({ carries: 'otherStamp' }, {}), 'missing');
});
