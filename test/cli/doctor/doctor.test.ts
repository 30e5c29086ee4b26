import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { checks } from '../../../domain/diagnose/checks.ts';
import { dumped } from '../../../cli/doctor/command.ts';
import { diagnose } from '../../../cli/doctor/doctor.ts';
import { consult } from '../../../cli/doctor/show.ts';
import { readCommand } from '../../../cli/program.ts';
import { run } from '../cases.ts';
import { dumpOf, inject, noon, type Scene } from './cluster.ts';
import { broken, healthy } from './situations.ts';

const contextOf = (scene: Scene) => ({
  version: '0',
  environment: {},
  stdin: () => Promise.resolve(Buffer.from(dumpOf(scene))),
  now: () => noon,
});

function asked(words: readonly string[]) {
  const outlets = { out: () => undefined, error: () => undefined };
  const command = readCommand(['doctor', ...words], '0', outlets);
  if (command.kind !== 'doctor') throw new Error(command.kind);
  return command;
}

const plain = (_look: unknown, text: string) => text;

async function said(scene: Scene, words: readonly string[] = []) {
  const answered = await consult(asked([...words, '-f', '-']), contextOf(scene), plain);
  if (answered.kind !== 'examined') throw new Error(JSON.stringify(answered));
  return answered;
}

async function foundIn(scene: Scene) {
  const diagnosis = await diagnose(asked(['-f', '-']).options, contextOf(scene));
  if (diagnosis.kind !== 'diagnosed') throw new Error(JSON.stringify(diagnosis));
  return diagnosis.findings;
}

for (const { title, first, scene, tells } of broken) {
  test(`${title}: ${first} is named first`, async (t) => {
    const findings = await foundIn(scene);
    t.is(
      findings[0]?.check,
      first,
      findings.map(({ check, detail }) => `${check} ${detail}`).join('; '),
    );
    if (tells !== undefined)
      t.true((await said(scene)).text.includes(tells), (await said(scene)).text);
  });
}

for (const { title, scene } of healthy) {
  test(`${title}: nothing is wrong`, async (t) => {
    const { text, isWell } = await said(scene);
    t.true(text.startsWith('Nothing is wrong'), text);
    t.true(isWell);
  });
}

test('every check is named first in some situation, but for those that only a live cluster shows', (t) => {
  const shown = new Set<string>(broken.map(({ first }) => first));
  const live = ['AuthorityOfAnother', 'CertificateExpired', 'NotLookedAt', 'RightsMissing'];
  t.deepEqual(
    Object.keys(checks).filter((key) => !shown.has(key)),
    live.toSorted(
      (one, other) => Object.keys(checks).indexOf(one) - Object.keys(checks).indexOf(other),
    ),
  );
});

test('of one workload it is told rule by rule how it was decided what its pods get', async (t) => {
  const { text, isWell } = await said({}, ['deployment/cart', '-n', 'shop']);
  t.true(isWell);
  for (const part of [
    'Deployment/shop/cart: current',
    'pod template  instrumentation.opentelemetry.io/inject-nodejs: "true"  counts',
    'nodejs  shop/agents  the only one in the namespace shop',
    'nodejs  in app  to http://demo-collector.observability.svc:4318  NODE_OPTIONS',
    'cart-0  current  made 2026-11-20T08:00:00Z  ready',
    'Nothing is wrong.',
  ]) {
    t.true(text.includes(part), text);
  }
});

const saying = (value: string) => ({ env: [{ name: 'GREETING', value }] });

test('of alike workloads each is told what its own pods get', async (t) => {
  const workloads = [
    { name: 'cart', container: saying('hello') },
    { name: 'web', container: saying('good day') },
  ];
  const { text } = await said({ workloads }, ['deployment/web', '-n', 'shop']);
  t.regex(text, /nodejs +in app .*NODE_OPTIONS$/m);
  t.notRegex(text, /GREETING/);
});

for (const words of ['cart', 'deploy/cart', 'deployments.apps/cart', 'Deployment/cart']) {
  test(`"${words}" is a way to name the Deployment cart`, async (t) => {
    t.true((await said({}, [words, '-n', 'shop'])).text.startsWith('Deployment/shop/cart'));
  });
}

test('a workload that is not there is said to be missing, and where one of its name is', async (t) => {
  const answered = await consult(asked(['cart', '-f', '-']), contextOf({}), plain);
  t.deepEqual(answered, {
    kind: 'badInput',
    problems: [
      {
        file: '-',
        sentence: 'There is no cart in the namespace default.',
        remedy: 'There is Deployment/shop/cart; name the namespace with -n.',
      },
    ],
  });
});

test('what many suffer from alike is told once, and so many are named', async (t) => {
  const workloads = Array.from({ length: 14 }, (_none, index) => ({
    name: `app-${index}`,
    annotations: { 'instrumentation.opentelemetry.io/inject-java': 'nobody' },
  }));
  const { text } = await said({ workloads, instrumentations: [] });
  t.is(text.match(/error InstrumentationNotFound/g)?.length, 1);
  t.true(text.includes('  - and 4 more'));
  t.true(text.endsWith('14 findings (17 workloads examined).\n'));
});

test('each workload is told that its Collector is not there, whichever namespace it sends from', async (t) => {
  const annotations = { [inject('nodejs')]: 'shop/agents' };
  const scene = {
    instrumentations: [{ spec: { exporter: { endpoint: 'http://gone.observability.svc:4318' } } }],
    workloads: [{}, { name: 'web', namespace: 'default', annotations }],
  };
  for (const words of [
    ['cart', '-n', 'shop'],
    ['web', '-n', 'default'],
  ]) {
    t.true((await said(scene, words)).text.includes('EndpointServiceMissing'), words.join(' '));
  }
  t.is((await said(scene)).text.match(/Service\/observability\/gone/g)?.length, 1);
});

test('a command for many is written for the first of them, and for the others too', async (t) => {
  const workloads = [{ pods: 'bare' as const }, { name: 'web', pods: 'bare' as const }];
  const { text } = await said({ workloads });
  const command = '`kubectl rollout restart deployment/cart -n shop`';
  t.true(text.includes(`${command}. The same goes for the others.\n`), text);
  t.is(text.match(/kubectl rollout restart/g)?.length, 1);
});

test('a remedy that is the same for all says nothing of others', async (t) => {
  const annotations = { 'instrumentation.opentelemetry.io/inject-java': 'nobody' };
  const workloads = [{ annotations }, { name: 'web', annotations }];
  const { text } = await said({ workloads, instrumentations: [] });
  t.false(text.includes('The same goes for'), text);
});

test('the commands of the guide are understood, and its dump holds all that is looked at', (t) => {
  const guide = readFileSync(
    join(import.meta.dirname, '../../../docs/guides/troubleshooting.md'),
    'utf8',
  );
  const commands = [...guide.matchAll(/^\$ retrofit doctor ?(?<words>.*)$/gm)];
  t.true(commands.length > 3);
  for (const { groups } of commands) {
    t.is(asked((groups?.['words'] ?? '').split(' ').filter((word) => word !== '')).kind, 'doctor');
  }
  t.true(guide.includes(`$ kubectl get ${dumped} -A -o json`));
});

test('with a namespace only what concerns it is told', async (t) => {
  const scene = { workloads: [{ pods: 'bare' as const }], webhook: { failurePolicy: 'Fail' } };
  t.true((await said(scene, ['-n', 'shop'])).text.includes('WebhookMissed'));
  const elsewhere = (await said(scene, ['-n', 'observability'])).text;
  t.false(elsewhere.includes('WebhookMissed'));
  t.true(elsewhere.includes('WebhookMayBlock'));
});

test('programs get the same findings, and the account of a workload', async (t) => {
  const scene = { workloads: [{ pods: 'bare' as const }] };
  const { text } = await said(scene, ['cart', '-n', 'shop', '-o', 'json']);
  const { findings, account, troubles } = JSON.parse(text) as {
    readonly findings: readonly Record<string, unknown>[];
    readonly account: Record<string, unknown>;
    readonly troubles: number;
  };
  t.is(troubles, 1);
  t.is(account['verdict'], 'behind');
  t.deepEqual(findings[0], {
    check: 'WebhookMissed',
    level: 'warning',
    about: 'Deployment/shop/cart',
    sentence: 'Pods asked for instrumentation when they were created and got none.',
    remedy:
      'The controller restarts it in its turn. To have it now: `kubectl rollout restart deployment/cart -n shop`.',
    docs: 'docs/reference/reasons.md#webhookmissed',
    workloads: ['Deployment/shop/cart'],
  });
  const yaml = await said(scene, ['-o', 'yaml']);
  t.true(yaml.text.startsWith('findings:\n  - check: WebhookMissed\n'));
});

test('a file that is not there is said to be missing, and a kubeconfig too', async (t) => {
  const missing = await consult(asked(['-f', '/nonexistent/x.yaml']), contextOf({}), plain);
  t.is(missing.kind === 'badInput' && missing.problems[0]?.file, '/nonexistent/x.yaml');
  const words = asked(['--kubeconfig', '/nonexistent/config']);
  const unreachable = await consult(words, contextOf({}), plain);
  t.is(unreachable.kind === 'badInput' && unreachable.problems[0]?.file, '/nonexistent/config');
});

const firstDay = join(import.meta.dirname, '../../fixtures/doctor/the-mistakes-of-a-first-day');

test('a program can tell by the exit code whether something is wrong, and whether it was read', async (t) => {
  const found = await run(['doctor', '-f', 'cluster.yaml'], { folder: firstDay });
  t.is(found.exit, 1);
  t.true(found.stdout.startsWith('error AnnotationMisplaced'));
  const well = await run(['doctor', '-f', '-'], { stdin: dumpOf({}) });
  t.deepEqual([well.exit, well.stdout], [0, 'Nothing is wrong (4 workloads examined).\n']);
  const unread = await run(['doctor', '-f', 'nothing.yaml'], { folder: firstDay });
  t.deepEqual([unread.exit, unread.stdout], [2, '']);
  t.true(unread.stderr.includes('nothing.yaml'));
});

const cases = join(import.meta.dirname, '../../fixtures/doctor');

for (const name of readdirSync(cases)) {
  for (const file of readdirSync(join(cases, name)).filter((one) => one.endsWith('.txt'))) {
    const words = file.replace('.txt', '').replaceAll('_', '/').split(' ').slice(1);
    test(`${name.replaceAll('-', ' ')}: retrofit doctor ${words.join(' ')}`, async (t) => {
      const command = asked([...words, '-f', join(cases, name, 'cluster.yaml')]);
      const answered = await consult(command, contextOf({}), plain);
      const expected = readFileSync(join(cases, name, file), 'utf8');
      t.is(answered.kind === 'examined' ? answered.text : answered, expected);
    });
  }
}
