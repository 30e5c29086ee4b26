import test from 'ava';
import type { JsonObject } from '../../../../domain/json.ts';
import type { Rules } from '../../../../domain/restart/judge/policy.ts';
import { policyOf } from '../../../../domain/restart/judge/policy.ts';
import type { Policy } from '../../../../domain/restart/snapshot.ts';
import { aWorkload, theRules } from '../../../support/restart.ts';

/** What is said where: `restart`, `observe`, `off`, or annotations in full. */
interface Said {
  readonly workload?: string | JsonObject;
  readonly template?: string | JsonObject;
  readonly namespace?: string | JsonObject;
  readonly instrumentations?: readonly (string | JsonObject)[];
  readonly home?: string;
  readonly rules?: Partial<Rules>;
}

const annotationsOf = (said: string | JsonObject = {}): JsonObject =>
  typeof said === 'string' ? { 'otel-retrofit.dev/remediation': said } : said;

function policyFor({
  workload,
  template,
  namespace,
  instrumentations = [{}],
  home,
  rules,
}: Said): Policy {
  return policyOf(
    {
      workload: aWorkload({
        annotations: annotationsOf(workload),
        templateAnnotations: annotationsOf(template),
      }),
      namespace: { annotations: annotationsOf(namespace) },
      instrumentations: instrumentations.map((said) => ({ annotations: annotationsOf(said) })),
    },
    { ...theRules, home: { name: 'otel-retrofit', annotations: annotationsOf(home) }, ...rules },
  );
}

const decides = test.macro({
  title: (title = '') => title,
  exec(t, said: Said, remediation: Policy['remediation']) {
    t.is(policyFor(said).remediation, remediation);
  },
});

test(
  'where nobody says anything the setting decides',
  decides,
  { rules: { remediation: 'observe' } },
  'observe',
);
test(
  'an Instrumentation decides for its workloads',
  decides,
  { instrumentations: ['observe'] },
  'observe',
);
test(
  'a namespace outranks an Instrumentation',
  decides,
  { namespace: 'restart', instrumentations: ['observe'] },
  'restart',
);
test(
  'a workload outranks its namespace',
  decides,
  { workload: 'observe', namespace: 'restart' },
  'observe',
);
test(
  'a pod template speaks for its workload',
  decides,
  { template: 'observe', namespace: 'restart' },
  'observe',
);
test(
  'a workload’s own annotation outranks that of its template',
  decides,
  { workload: 'restart', template: 'observe' },
  'restart',
);
test(
  'a workload outranks the setting',
  decides,
  { workload: 'restart', rules: { remediation: 'observe' } },
  'restart',
);
test(
  'of several Instrumentations the strictest decides',
  decides,
  { instrumentations: ['restart', 'observe'] },
  'observe',
);
test('a word that nobody knows is not "restart"', decides, { workload: 'disabled' }, 'observe');
test('capitals do not matter', decides, { workload: 'OFF' }, 'off');

const everywhere: readonly (readonly [string, Said])[] = [
  ['its template', { workload: 'restart', template: 'off' }],
  ['its namespace', { workload: 'restart', namespace: 'off' }],
  ['its Instrumentation', { workload: 'restart', instrumentations: ['restart', 'off'] }],
  ['our own namespace, which stops every restart at once', { workload: 'restart', home: 'off' }],
  ['the setting', { workload: 'restart', rules: { remediation: 'off' } }],
];

for (const [where, said] of everywhere)
  test(`"off" wins over all in ${where}`, decides, said, 'off');

test('our own namespace says nothing else about others', decides, { home: 'observe' }, 'restart');

test('only a workload or its namespace can insist', (t) => {
  t.true(policyFor({ workload: 'restart' }).isInsistent);
  t.true(policyFor({ namespace: 'restart' }).isInsistent);
  t.false(policyFor({ instrumentations: ['restart'] }).isInsistent);
  t.false(policyFor({ rules: { remediation: 'restart' } }).isInsistent);
  t.false(policyFor({ workload: 'observe', namespace: 'restart' }).isInsistent);
});

test('pods that are out of date are restarted where the most specific word says so', (t) => {
  const yes = { 'otel-retrofit.dev/restart-outdated': 'true' };
  const no = { 'otel-retrofit.dev/restart-outdated': 'false' };
  t.false(policyFor({}).restartsOutdated);
  t.true(policyFor({ rules: { restartsOutdated: true } }).restartsOutdated);
  t.true(policyFor({ instrumentations: [yes] }).restartsOutdated);
  t.false(policyFor({ instrumentations: [yes, {}] }).restartsOutdated);
  t.false(policyFor({ namespace: no, instrumentations: [yes] }).restartsOutdated);
  t.true(policyFor({ template: yes, namespace: no }).restartsOutdated);
  t.false(policyFor({ workload: no, template: yes }).restartsOutdated);
});

test('our own namespace and those that are named are protected', (t) => {
  t.false(policyFor({}).isProtected);
  t.true(policyFor({ rules: { protectedNamespaces: new Set(['shop']) } }).isProtected);
  t.true(policyFor({ rules: { home: { name: 'shop', annotations: {} } } }).isProtected);
});

const resumedTo = (text: string) =>
  policyFor({ workload: { 'otel-retrofit.dev/resume': text } }).resumedTo;

test('a workload is resumed up to a number, and to nothing else', (t) => {
  t.is(resumedTo('3'), 3);
  for (const text of ['', 'all', '-1', '3.5', '99999999999']) t.is(resumedTo(text), 0);
});
