import test from 'ava';
import { answersOf, explained, structured } from '../../../cli/look/answer.ts';
import type { Verdict } from '../../../domain/restart/verdict.ts';
import { aJudgement, minutes, tried } from '../../domain/restart/plan/build.ts';

const paused: Verdict = { kind: 'held', reason: 'Paused', cause: 'WebhookMissed' };
const sick: Verdict = { kind: 'stuck', reason: 'RestartFailed', cause: undefined };

const answers = (names: readonly string[], verdict: Verdict) =>
  answersOf({
    judgements: names.map((name) =>
      aJudgement(`Deployment/shop/${name}`, {
        verdict,
        attempt: tried('failed', minutes(2), { number: 3, lastNumber: 3 }),
      }),
    ),
    plan: {
      restarts: [],
      verdicts: new Map(),
      breakers: new Map(),
      follows: new Set(),
      wakeAt: undefined,
    },
    instrumentations: [],
  });

test('a remedy for one workload is a command to copy', (t) => {
  const [one] = explained(answers(['cart'], paused));
  t.is(one?.remedy, 'Run `kubectl rollout resume deployment/cart -n shop`.');
});

test('the number of the restart stands in it too, as an Event has it', (t) => {
  const [one] = explained(answers(['cart'], sick));
  t.true(one?.remedy?.includes('otel-retrofit.dev/resume=3 '), one?.remedy);
  t.notRegex(one?.remedy ?? '', /<(?:kind|name|namespace|number)>/);
});

test('a remedy for many is written for the first, and names others', (t) => {
  const [two] = explained(answers(['cart', 'web'], paused));
  t.is(
    two?.remedy,
    'Run `kubectl rollout resume deployment/cart -n shop`. The same goes for deployment/web -n shop.',
  );
  const names = Array.from({ length: 9 }, (_none, index) => `app-${index}`);
  const [nine] = explained(answers(names, paused));
  t.true(nine?.remedy?.endsWith('deployment/app-5 -n shop and 3 more.'), nine?.remedy);
});

test('programs find the remedy of each at the workload, and what a reason means beside them', (t) => {
  const { workloads, reasons } = JSON.parse(
    structured('json', answers(['cart', 'web'], paused)),
  ) as Record<'workloads' | 'reasons', readonly { readonly remedy?: string }[]>;
  t.deepEqual(
    workloads.map(({ remedy }) => remedy),
    [
      'Run `kubectl rollout resume deployment/cart -n shop`.',
      'Run `kubectl rollout resume deployment/web -n shop`.',
    ],
  );
  t.is(reasons[0]?.remedy, 'Run `kubectl rollout resume <kind>/<name> -n <namespace>`.');
});
