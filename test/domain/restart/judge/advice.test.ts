import test from 'ava';
import { annotations as keys } from '../../../../crds/names.ts';
import type { Entry } from '../../../../domain/reasons.ts';
import { workloadReasons } from '../../../../domain/reasons/restart.ts';
import { adviceOn } from '../../../../domain/restart/judge/advice.ts';
import type { Verdict } from '../../../../domain/restart/verdict.ts';
import { aMarker, day, judged, minute, restarted, type Scene } from '../../../support/restart.ts';

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
  const { remedy = '' } = advice ?? {};
  t.true(
    remedy.includes(
      '`kubectl annotate deployment/cart -n shop otel-retrofit.dev/resume=4 --overwrite`',
    ),
  );
  t.true(
    remedy.includes('`kubectl annotate instrumentation main -n shop otel-retrofit.dev/resume='),
  );
});

const rejected = (resumed?: string): Scene => {
  const { workload, wanted } = judged();
  const asked = wanted.kind === 'nothing' ? '' : wanted.stamp.asked;
  const said = { template: workload.digest, asked, at: 0, resumedTo: Number(resumed ?? 0) };
  const annotations = resumed === undefined ? {} : { [keys.resume]: resumed };
  return { memory: { rejected: said }, annotations };
};

test('a rejected restart is forgiven by the number it would have had', (t) => {
  t.true(adviceFor(rejected())?.remedy?.includes('otel-retrofit.dev/resume=1 '));
});

test('rejected once more, it is forgiven by a number that forgives more than the one before', (t) => {
  t.true(adviceFor(rejected('1'))?.remedy?.includes('otel-retrofit.dev/resume=2 '));
  t.is(judged({ ...rejected('1'), annotations: { [keys.resume]: '2' } }).verdict.kind, 'behind');
});

const failed = (scene: Scene = {}): Scene =>
  restarted(minute, [{ waiting: 'CrashLoopBackOff' }], scene);

test('whose restart failed can be run without the agent by a command that names its languages', (t) => {
  const one = adviceFor(failed())?.remedy ?? '';
  t.true(one.includes('"annotations":{"instrumentation.opentelemetry.io/inject-java":"false"}'));
  const judgement = judged(failed());
  const { wanted } = judgement;
  const given =
    wanted.kind === 'given' ? { ...wanted, languages: ['java', 'nodejs'] as const } : wanted;
  const two = adviceOn({ ...judgement, wanted: given }, judgement.verdict)?.remedy ?? '';
  t.true(
    two.includes(
      '{"instrumentation.opentelemetry.io/inject-java":"false","instrumentation.opentelemetry.io/inject-nodejs":"false"}',
    ),
  );
});

const refusing = (status: 'True' | 'False') => ({
  conditions: [{ type: 'ReplicaFailure', status, reason: 'FailedCreate', message: 'no room' }],
});

test('where new pods are refused, whoever waits for them is told where to read why', (t) => {
  const waiting: Scene = { status: { updatedReplicas: 1, ...refusing('True') } };
  t.like(judged(waiting).verdict, { reason: 'RolloutInProgress' });
  const late = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' };
  const sick: Scene = { status: { conditions: [late, ...refusing('True').conditions] } };
  t.like(judged(sick).verdict, { reason: 'AlreadySick' });
  for (const scene of [waiting, sick, failed({ status: refusing('True') })])
    t.regex(
      adviceFor(scene)?.remedy ?? '',
      /^The API server refuses its new pods: `kubectl describe deployment\/cart -n shop` says why\. \w/,
    );
  const taken = { status: { updatedReplicas: 1, ...refusing('False') } };
  t.notRegex(adviceFor(taken)?.remedy ?? '', /refuses/);
});

test('its pods are found by their labels', (t) => {
  t.true(adviceFor(failed())?.remedy?.includes('`kubectl describe pods -n shop -l app=cart`'));
});

test('each Instrumentation that it asks for has its own command', (t) => {
  const judgement = judged(failed());
  const { wanted } = judgement;
  const instrumentations = ['shop/main', 'library/agents'];
  const given = wanted.kind === 'given' ? { ...wanted, instrumentations } : wanted;
  const remedy = adviceOn({ ...judgement, wanted: given }, judgement.verdict)?.remedy ?? '';
  t.regex(
    remedy,
    /`kubectl annotate instrumentation main -n shop [^`]+` and `kubectl annotate instrumentation agents -n library [^`]+`/,
  );
});

test('no command for a workload keeps a blank', (t) => {
  const judgement = judged(failed());
  for (const [reason, { outcome, remedy }] of Object.entries<Entry>(workloadReasons)) {
    if (remedy === undefined) continue;
    const verdict = { kind: outcome, reason, cause: undefined, until: undefined } as Verdict;
    t.notRegex(adviceOn(judgement, verdict)?.remedy ?? '<none>', /<\w+>/, reason);
  }
});

test('what is wrong with a request is named, with its language', (t) => {
  const advice = adviceFor({ templateAnnotations: { [keys.inject('java')]: 'ghost' } });
  t.is(
    advice?.summary,
    'The Instrumentation that the annotation names does not exist (java shop/ghost).',
  );
  const none = adviceFor({ instrumentation: 'none' });
  t.true(none?.remedy?.includes('inject-java: "<namespace>/<name>"'));
});

test('nothing is said of a workload that is current', (t) => {
  t.is(adviceFor({ pods: [{ carries: 'stamp' }] }), undefined);
});
