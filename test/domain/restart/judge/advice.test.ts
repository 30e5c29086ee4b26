import test from 'ava';
import { adviceOn } from '../../../../domain/restart/judge/advice.ts';
import { aMarker, day, judged, minute, type Scene } from '../../../support/restart.ts';

const adviceFor = (scene: Scene) => {
  const judgement = judged(scene);
  return adviceOn(judgement, judgement.verdict);
};

test('what is held comes with the command that a person would run', (t) => {
  const { remedy = '' } = adviceFor({ kind: 'StatefulSet', replicas: 1, pods: [{}] }) ?? {};
  t.true(remedy.includes('`kubectl rollout restart statefulset/cart -n shop`'));
});

test('what is stuck comes with the annotation that forgives it', (t) => {
  const marker = aMarker(4, 5 * minute);
  const advice = adviceFor({
    marker,
    revisions: [
      { number: 2, age: 5 * minute, marker },
      { number: 1, age: day },
    ],
    pods: [{ age: 4 * minute }],
  });
  t.true(advice?.remedy?.includes('otel-retrofit.dev/resume: "4"'));
});

test('a rejected restart is forgiven by the number it would have had', (t) => {
  const { workload, wanted } = judged();
  const asked = wanted.kind === 'nothing' ? '' : wanted.stamp.asked;
  const advice = adviceFor({ memory: { rejected: { template: workload.digest, asked, at: 0 } } });
  t.true(advice?.remedy?.includes('otel-retrofit.dev/resume: "1"'));
});

test('what is said of pods keeps its own placeholders', (t) => {
  const advice = adviceFor({ instrumentation: 'none' });
  t.true(advice?.remedy?.includes('inject-<language>: "<namespace>/<name>"'));
});

test('nothing is said of a workload that is current', (t) => {
  t.is(adviceFor({ pods: [{ carries: 'stamp' }] }), undefined);
});
