import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { annotations as keys, marks } from '../../crds/names.ts';
import { admit, type Admission } from '../../domain/injection/admit.ts';
import type { Language } from '../../domain/injection/instrumentation/settings.ts';
import { outcomes, podReasons, reasons, type Entry, type Reason } from '../../domain/reasons.ts';
import {
  aContainer,
  aLimitRange,
  admitted,
  anInstrumentation,
  aPod,
  aWorld,
  asking,
} from '../support/build.ts';

const rows = Object.entries(reasons) as [Reason, Entry][];

test('a reason is known by a key that can be a metric label and the reason of an Event', (t) => {
  for (const [key] of rows) t.regex(key, /^[A-Z][A-Za-z]{1,126}$/);
});

test('a reason is told in full sentences', (t) => {
  for (const [key, { summary, remedy }] of rows) {
    t.regex(summary, /^[A-Z].{10,120}\.$/, key);
    if (remedy !== undefined) t.regex(remedy, /^[A-Z].{10,}\.$/s, key);
  }
});

test('a summary holds no count and no time, so that what is told does not flap', (t) => {
  for (const [key, { summary }] of rows) t.notRegex(summary, /\d/, key);
});

test('no two reasons are told in the same words', (t) => {
  t.is(new Set(rows.map(([, { summary }]) => summary)).size, rows.length);
});

test('whatever is left to people says what they can do', (t) => {
  const theirs = new Set(['refused', 'noted', 'stuck', 'held']);
  const silent = rows.filter(([, { outcome, remedy }]) => theirs.has(outcome) && !remedy);
  t.deepEqual(silent, []);
});

test('every outcome has its reasons', (t) => {
  for (const outcome of outcomes)
    t.true(
      rows.some(([, row]) => row.outcome === outcome),
      outcome,
    );
});

test('an exemption asks nothing of anybody', (t) => {
  const talkative = rows.filter(([, { outcome, remedy }]) => outcome === 'exempt' && remedy);
  t.deepEqual(talkative, []);
});

test('every reason is one that the core can give', (t) => {
  const root = join(import.meta.dirname, '../../domain');
  const sources = globSync(['injection/**/*.ts', 'restart/**/*.ts'], { cwd: root })
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n');
  t.deepEqual(
    rows.map(([key]) => key).filter((key) => !sources.includes(`'${key}'`)),
    [],
  );
});

const asked = (language: Language, value: string) => ({ [keys.inject(language)]: value });
const listing = (language: Language, list: string) => ({
  [keys.languageContainerNames(language)]: list,
});
const goTarget = { [keys.goTargetExecutable]: '/app' };
const hidden = { envFrom: [{ configMapRef: { name: 'settings' } }] };
const endpoint = { exporter: { endpoint: 'http://collector:4318' } };
const two = { containers: [aContainer({ name: 'a' }), aContainer({ name: 'b' })] };

/** One pod for every reason of its own: the table is complete because its type is. */
const scenes: Readonly<Record<keyof typeof podReasons, () => Admission>> = {
  NotAsked: () => admit(aPod(), aWorld()),
  OptedOut: () => admit(aPod({ annotations: asked('java', 'false') }), aWorld()),
  AgentInTemplate: () =>
    admitted('java', {
      pod: { initContainers: [aContainer({ name: 'opentelemetry-auto-instrumentation-java' })] },
    }),
  AlreadyInjected: () => {
    const first = admitted('java');
    return admit(first.kind === 'injected' ? first.pod : {}, aWorld());
  },
  StaticPod: () => admitted('java', { annotations: { 'kubernetes.io/config.mirror': 'a1b2' } }),

  NoInstrumentation: () => admitted('java', { world: { instrumentations: [] } }),
  SeveralInstrumentationsSelect: () =>
    admitted('java', {
      world: { instrumentations: [anInstrumentation(), anInstrumentation({}, { name: 'other' })] },
    }),
  InstrumentationNotFound: () => admitted('java', { annotations: asked('java', 'ghost') }),
  InstrumentationInvalid: () => admitted('java', { spec: { imagePullPolicy: 'Sometimes' } }),
  LanguageDisabled: () => admitted('java', { world: { defaults: { disabled: ['java'] } } }),
  ContainerListInvalid: () => admitted('java', { annotations: listing('java', 'a_b') }),
  ContainerNamesNeeded: () => admitted('java', { annotations: asking('python') }),
  UnknownContainer: () => admitted('java', { annotations: listing('java', 'ghost') }),
  InitContainerUnsupported: () =>
    admitted('nginx', {
      pod: { initContainers: [aContainer({ name: 'setup' })] },
      annotations: listing('nginx', 'setup'),
    }),
  OneContainerOnly: () => admitted('nginx', { pod: two, annotations: listing('nginx', 'a,b') }),
  EnvironmentByReference: () =>
    admitted('java', {
      container: {
        env: [
          {
            name: 'JAVA_TOOL_OPTIONS',
            valueFrom: { configMapKeyRef: { name: 'jvm', key: 'options', optional: true } },
          },
        ],
      },
    }),
  AnotherAgentPresent: () =>
    admitted('java', { container: { args: ['-javaagent:/opentelemetry-javaagent.jar'] } }),
  AgentsExclude: () =>
    admitted('nginx', {
      pod: two,
      annotations: {
        ...asking('apache-httpd'),
        ...listing('apache-httpd', 'a'),
        ...listing('nginx', 'b'),
      },
    }),
  UnsupportedPlatform: () => admitted('python', { annotations: { [keys.pythonPlatform]: 'win' } }),
  TargetExecutableMissing: () => admitted('go'),
  ProcessNamespaceNotShared: () =>
    admitted('go', { pod: { shareProcessNamespace: false }, annotations: goTarget }),
  RootRequired: () =>
    admitted('go', { pod: { securityContext: { runAsNonRoot: true } }, annotations: goTarget }),
  PodSecurityForbids: () =>
    admitted('go', {
      annotations: goTarget,
      world: { labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } },
    }),
  LimitRangeForbids: () =>
    admitted('java', {
      world: { limitRanges: [aLimitRange({ type: 'Container', max: { memory: '128Mi' } })] },
    }),
  NameTaken: () =>
    admitted('java', {
      pod: { volumes: [{ name: 'opentelemetry-auto-instrumentation-java', emptyDir: {} }] },
    }),
  PodUnreadable: () => admitted('java', { pod: { containers: 'app' } }),
  TooLarge: () =>
    admitted('java', {
      annotations: listing('java', Array.from({ length: 500 }, (_, n) => `app-${n}`).join(',')),
    }),

  HiddenEnvironment: () => admitted('java', { container: hidden, spec: endpoint }),
  ProtocolMismatch: () =>
    admitted('python', { spec: { exporter: { endpoint: 'http://collector:4317' } } }),
  EndpointMissing: () => admitted('java'),
  OtherVendorsAgent: () =>
    admitted('java', { container: { args: ['-javaagent:/dd-java-agent.jar'] } }),
  SidecarOutlivesJob: () =>
    admitted('go', { annotations: goTarget, owner: { kind: 'job', name: 'import' } }),
  ProfilerKept: () =>
    admitted('dotnet', { container: { env: [{ name: 'CORECLR_PROFILER', value: '{mine}' }] } }),
};

function reasonsIn(admission: Admission): readonly Reason[] {
  if (admission.kind === 'untouched') return [admission.reason];
  const notes = admission.kind === 'injected' ? admission.notes : [];
  return [...admission.refusals, ...notes].map(({ reason }) => reason);
}

const podRows = Object.entries(podReasons) as [keyof typeof podReasons, Entry][];

for (const [key, { outcome }] of podRows) {
  test(`a pod can meet ${key}`, (t) => {
    const admission = scenes[key]();
    t.true(reasonsIn(admission).includes(key), JSON.stringify(admission).slice(0, 500));
    t.is(admission.kind === 'untouched', outcome === 'exempt');
    if (outcome === 'noted') t.is(admission.kind, 'injected');
  });
}

test('the mark of a declined pod names its reason', (t) => {
  const admission = scenes.NoInstrumentation();
  const pod = admission.kind === 'declined' ? JSON.stringify(admission.pod) : '';
  t.regex(pod, new RegExp(`"${marks.declined}":"v1[.0-9a-f]+NoInstrumentation"`));
});
