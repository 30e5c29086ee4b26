import test from 'ava';
import { isForbidden, levelOf } from '../../../../domain/injection/instrumentation/security.ts';
import { languages } from '../../../../domain/injection/instrumentation/settings.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import {
  admitted,
  anInstrumentation,
  environmentOf,
  frozen,
  podOf,
  refusalsOf,
} from '../../../support/build.ts';

const enforcing = (level: string) => ({ 'pod-security.kubernetes.io/enforce': level });

test('a namespace says by a label which pods it takes', (t) => {
  t.is(levelOf(frozen(enforcing('restricted'))), 'restricted');
  t.is(levelOf(frozen(enforcing('baseline'))), 'baseline');
  t.is(levelOf(frozen(enforcing('privileged'))), undefined);
  t.is(levelOf(frozen({ 'pod-security.kubernetes.io/warn': 'restricted' })), undefined);
  t.is(levelOf({}), undefined);
});

const forbidden = test.macro(
  (t, initContainerSecurityContext: JsonObject, ...levels: readonly string[]) => {
    const instrumentation = anInstrumentation({ initContainerSecurityContext });
    const found = (['baseline', 'restricted'] as const).filter((level) =>
      isForbidden(level, 'java', instrumentation),
    );
    t.deepEqual(found, levels);
    t.false(isForbidden(undefined, 'java', instrumentation));
  },
);

const fitting = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  runAsUser: 1000,
  seccompProfile: { type: 'RuntimeDefault' },
};

test('a context that fits the strictest level fits all', forbidden, fitting);
test('one capability may be had again', forbidden, {
  ...fitting,
  capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
});
test(
  'another capability may not, at the strictest level',
  forbidden,
  { ...fitting, capabilities: { drop: ['ALL'], add: ['CHOWN'] } },
  'restricted',
);
test(
  'a mighty capability may not, at any',
  forbidden,
  { ...fitting, capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } },
  'baseline',
  'restricted',
);
test(
  'a context that says nothing of escalation is too weak for the strictest',
  forbidden,
  { capabilities: { drop: ['ALL'] } },
  'restricted',
);
test(
  'a context that keeps its capabilities is too weak for the strictest',
  forbidden,
  { ...fitting, capabilities: {} },
  'restricted',
);
test('root is too much for the strictest', forbidden, { ...fitting, runAsUser: 0 }, 'restricted');
test(
  'a context that allows root is too weak for the strictest',
  forbidden,
  { ...fitting, runAsNonRoot: false },
  'restricted',
);
test(
  'a privileged container is too much for any',
  forbidden,
  { privileged: true },
  'baseline',
  'restricted',
);
test(
  'no seccomp is too weak for any',
  forbidden,
  { ...fitting, seccompProfile: { type: 'Unconfined' } },
  'baseline',
  'restricted',
);
test(
  'no AppArmor is too weak for any',
  forbidden,
  { ...fitting, appArmorProfile: { type: 'Unconfined' } },
  'baseline',
  'restricted',
);
test(
  'an unmasked /proc is too much for any',
  forbidden,
  { ...fitting, procMount: 'Unmasked' },
  'baseline',
  'restricted',
);

for (const seLinuxOptions of [{ type: 'spc_t' }, { user: 'system_u' }, { role: 'system_r' }])
  test(
    `a choice of SELinux is too much for any: ${JSON.stringify(seLinuxOptions)}`,
    forbidden,
    { ...fitting, seLinuxOptions },
    'baseline',
    'restricted',
  );
for (const seLinuxOptions of [{}, { level: 's0:c1,c2' }, { type: 'container_init_t' }])
  test(`a choice of SELinux that fits all: ${JSON.stringify(seLinuxOptions)}`, forbidden, {
    ...fitting,
    seLinuxOptions,
  });

test('where the Instrumentation gives no context, the pod’s own has passed already', (t) => {
  for (const language of languages) {
    t.is(isForbidden('restricted', language, anInstrumentation()), language === 'go');
  }
});

test('variables alone break no rule', (t) => {
  const weak = anInstrumentation({ initContainerSecurityContext: { privileged: true } });
  t.false(isForbidden('restricted', 'sdk', weak));
});

test('a pod that its namespace would turn away is told, not broken', (t) => {
  const admission = admitted('java', {
    spec: { initContainerSecurityContext: { runAsUser: 0 } },
    world: { labels: enforcing('restricted') },
  });
  t.deepEqual(refusalsOf(admission), ['PodSecurityForbids']);
  t.deepEqual(podOf(admission).initContainers, []);
  t.deepEqual(environmentOf(admission), []);
});

const strict = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const unsaid = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };

const completed = test.macro(
  (t, given: JsonObject, ofPod: JsonObject, refusals: readonly string[]) => {
    const admission = admitted('java', {
      spec: { initContainerSecurityContext: given },
      container: { securityContext: { ...strict, ...unsaid } },
      pod: { securityContext: ofPod },
      world: { labels: enforcing('restricted') },
    });
    t.deepEqual(refusalsOf(admission), refusals);
  },
);

test(
  'a context that says all the strictest level asks may be given',
  completed,
  { ...strict, ...unsaid },
  {},
  [],
);
test('the pod may say the rest', completed, strict, unsaid, []);
test('the container it replaces may not', completed, strict, {}, ['PodSecurityForbids']);
test(
  'a context without a seccomp profile is too vague for the strictest level',
  completed,
  { ...strict, runAsNonRoot: true },
  {},
  ['PodSecurityForbids'],
);
test(
  'a context that leaves root open is too vague for the strictest level',
  completed,
  { ...strict, seccompProfile: unsaid.seccompProfile },
  {},
  ['PodSecurityForbids'],
);

test('a pod that only lacks a level is made anew when the level goes', (t) => {
  const given = { spec: { initContainerSecurityContext: strict } };
  const [refused, taken] = [enforcing('restricted'), enforcing('baseline')].map((labels) =>
    admitted('java', { ...given, world: { labels } }),
  );
  t.is(refused?.kind, 'declined');
  t.is(taken?.kind, 'injected');
  const asked = [refused, taken].map(
    (one) => one !== undefined && 'stamp' in one && one.stamp.asked,
  );
  t.not(asked[0], asked[1]);
});
