import test from 'ava';
import {
  checkEnv,
  checkResources,
  checkSecurityContext,
  checkTls,
  isShallow,
  type Report,
} from '../../../../domain/injection/instrumentation/check.ts';
import type {
  EnvEntry,
  ExporterTls,
} from '../../../../domain/injection/instrumentation/settings.ts';
import { isObject, listAt, objectAt, type Json, type JsonObject } from '../../../../domain/json.ts';
import { frozen } from '../../../support/build.ts';

function reported(check: (report: Report) => void): readonly string[] {
  const found: string[] = [];
  check((path, problem) => found.push(`${path}: ${problem}`));
  return found;
}

const env = test.macro((t, entry: JsonObject & { readonly name: string }, expected?: string) => {
  const entries = frozen([{ name: 'GOOD', value: 'x' }, entry]) as readonly EnvEntry[];
  t.deepEqual(
    reported((report) => checkEnv(entries, 'env', report)),
    expected === undefined ? [] : [`env[1]${expected}`],
  );
});

const from = (valueFrom: Json): JsonObject & { readonly name: string } => ({
  name: 'A',
  valueFrom,
});
const key = { name: 'settings', key: 'a.key_of-mine' };

test('a variable may have a value, an empty one, or none', env, { name: 'A' });
test('a variable may be named as the kubelet allows', env, { name: '-._aZ9', value: '' });
test('a variable may come from a ConfigMap', env, from({ configMapKeyRef: key }));
test(
  'a variable may come from a Secret that is optional',
  env,
  from({ secretKeyRef: { ...key, optional: true } }),
);
test(
  'a variable may come from a field',
  env,
  from({ fieldRef: { fieldPath: "metadata.labels['a.b/c']" } }),
);
test(
  'a variable may come from a field of the API that there is',
  env,
  from({ fieldRef: { apiVersion: 'v1', fieldPath: "metadata.annotations['Upper.example/KEY']" } }),
);
test(
  'no variable: a field of an API that there is not',
  env,
  from({ fieldRef: { apiVersion: 'v9', fieldPath: 'metadata.name' } }),
  '.valueFrom: fieldRef.apiVersion must be v1',
);
test(
  'no variable: a label that no pod can carry',
  env,
  from({ fieldRef: { fieldPath: "metadata.labels['bad key!']" } }),
  '.valueFrom: fieldRef.fieldPath is not offered to variables',
);
test(
  'a variable may come from a resource',
  env,
  from({ resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } }),
);
test(
  'a divisor that was stored as zero is none',
  env,
  from({ resourceFieldRef: { resource: 'limits.memory', divisor: '0' } }),
);
test(
  'an object’s name may be long without a dot',
  env,
  from({ secretKeyRef: { name: 'n'.repeat(253), key: 'k' } }),
);
test('a null reference is none', env, { name: 'A', value: 'x', valueFrom: null });
test('a value beside an empty reference counts as nothing', env, {
  name: 'A',
  value: '',
  valueFrom: { fieldRef: { fieldPath: 'metadata.name' } },
});

for (const name of ['1A', 'A B', 'my/key:x', '..A', '{a}', 'x'.repeat(2_000)])
  test(`a variable may be called ${name.slice(0, 20)}`, env, { name });

const badName = '.name: is no name a variable can have';
test('no variable: a letter that not every system can print', env, { name: 'É' }, badName);
test('no variable: a tabulator in its name', env, { name: 'A\tB' }, badName);
test('no variable: no name', env, { name: '' }, badName);
test('no variable: an equals sign', env, { name: 'A=B' }, badName);
test(
  'no variable: a number that was not quoted',
  env,
  { name: 'A', value: 8080 },
  '.value: is no text',
);
test(
  'no variable: a value beside its reference',
  env,
  { name: 'A', value: 'x', valueFrom: { secretKeyRef: key } },
  ': has both value and valueFrom',
);
test('no variable: a reference that is a text', env, from('x'), '.valueFrom: is no object');
test(
  'no variable: a reference to nothing',
  env,
  from({}),
  '.valueFrom: must have exactly one source',
);
test(
  'no variable: two sources',
  env,
  from({ configMapKeyRef: key, secretKeyRef: key }),
  '.valueFrom: must have exactly one source',
);
test(
  'no variable: a Secret without a name',
  env,
  from({ secretKeyRef: { key: 'k' } }),
  ".valueFrom: secretKeyRef.name is no object's name",
);
test(
  'no variable: a ConfigMap with a capital name',
  env,
  from({ configMapKeyRef: { ...key, name: 'Mine' } }),
  ".valueFrom: configMapKeyRef.name is no object's name",
);
test(
  'no variable: a name too long for an object',
  env,
  from({ secretKeyRef: { ...key, name: 'n'.repeat(254) } }),
  ".valueFrom: secretKeyRef.name is no object's name",
);
test(
  'no variable: a key with a slash',
  env,
  from({ configMapKeyRef: { ...key, key: 'a/b' } }),
  '.valueFrom: configMapKeyRef.key is no key',
);
test(
  'no variable: a field that volumes alone may read',
  env,
  from({ fieldRef: { fieldPath: 'metadata.labels' } }),
  '.valueFrom: fieldRef.fieldPath is not offered to variables',
);
test(
  'no variable: a resource that there is not',
  env,
  from({ resourceFieldRef: { resource: 'limits.gpu' } }),
  '.valueFrom: resourceFieldRef.resource is not offered to variables',
);
test(
  'no variable: a divisor of another resource',
  env,
  from({ resourceFieldRef: { resource: 'limits.cpu', divisor: '1Mi' } }),
  '.valueFrom: resourceFieldRef.divisor is none that is offered',
);
test(
  'no variable: a file, for it needs a volume',
  env,
  from({ fileKeyRef: { volumeName: 'v', path: 'p', key: 'k' } }),
  '.valueFrom: fileKeyRef needs a volume of the pod, which an Instrumentation cannot name',
);

const resources = test.macro((t, given: JsonObject, expected: readonly string[]) => {
  const limits = objectAt(given, 'limits');
  const requests = objectAt(given, 'requests');
  const claims = listAt(given, 'claims')?.filter(isObject);
  t.deepEqual(
    reported((report) => checkResources(frozen({ limits, requests, claims }), 'resources', report)),
    expected,
  );
});

test(
  'resources may be asked for and limited',
  resources,
  {
    limits: { cpu: 1, memory: '1Gi' },
    requests: { cpu: '500m', memory: '1024Mi', 'ephemeral-storage': 0 },
  },
  [],
);
test('resources may be left out', resources, {}, []);
test('no resource: an amount that is none', resources, { limits: { cpu: 'much' } }, [
  'resources.cpu: is no quantity',
]);
test('no resource: less than nothing', resources, { requests: { memory: '-1' } }, [
  'resources.memory: is no quantity',
]);
test('no resource: one that an agent cannot use', resources, { limits: { 'nvidia.com/gpu': 1 } }, [
  'resources.nvidia.com/gpu: is no resource that an agent’s container may ask for',
]);
test(
  'no resource: a request above its limit',
  resources,
  { limits: { cpu: '100m' }, requests: { cpu: '0.2' } },
  ['resources.requests.cpu: is more than the limit'],
);
test('no resource: a claim of a pod that nobody knows', resources, { claims: [{ name: 'gpu' }] }, [
  'resources.claims: names claims of the pod, which an Instrumentation cannot know',
]);

const context = test.macro((t, given: JsonObject, expected: readonly string[]) => {
  t.deepEqual(
    reported((report) => checkSecurityContext(frozen(given), 'context', report)),
    expected,
  );
});

test(
  'a security context of a restricted policy is fine',
  context,
  {
    runAsNonRoot: true,
    runAsUser: 1000,
    runAsGroup: 0,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
  [],
);
test(
  'a profile of one’s own is fine',
  context,
  { seccompProfile: { type: 'Localhost', localhostProfile: 'mine.json' } },
  [],
);
test(
  'a mount of /proc as usual is fine',
  context,
  { procMount: 'Default', appArmorProfile: { type: 'Localhost', localhostProfile: 'mine' } },
  [],
);
test('no security context: another mount of /proc', context, { procMount: 'Unmasked' }, [
  'context.procMount: must be Default',
]);
test(
  'no security context: options of Windows',
  context,
  { windowsOptions: { hostProcess: true } },
  ['context.windowsOptions: is for Windows, and agents run on Linux alone'],
);
for (const localhostProfile of ['/etc/mine.json', '../mine.json', 'a/../b'])
  test(
    `no security context: the profile ${localhostProfile}`,
    context,
    { seccompProfile: { type: 'Localhost', localhostProfile } },
    ['context.seccompProfile.localhostProfile: is no name a profile can have'],
  );
test(
  'no security context: a profile with white space around its name',
  context,
  { appArmorProfile: { type: 'Localhost', localhostProfile: ' mine' } },
  ['context.appArmorProfile.localhostProfile: is no name a profile can have'],
);
test('no security context: a user that is a text', context, { runAsUser: '1000' }, [
  'context.runAsUser: is no user or group number',
]);
test('no security context: a group below nothing', context, { runAsGroup: -1 }, [
  'context.runAsGroup: is no user or group number',
]);
test(
  'no security context: privileged without escalation',
  context,
  { privileged: true, allowPrivilegeEscalation: false },
  ['context.allowPrivilegeEscalation: cannot be false for a privileged container'],
);
test(
  'no security context: the mightiest capability without escalation',
  context,
  { capabilities: { add: ['CAP_SYS_ADMIN'] }, allowPrivilegeEscalation: false },
  ['context.allowPrivilegeEscalation: cannot be false for a privileged container'],
);
test(
  'no security context: a profile that there is not',
  context,
  { seccompProfile: { type: 'Strict' } },
  ['context.seccompProfile.type: is unknown'],
);
test(
  'no security context: a local profile without its file',
  context,
  { appArmorProfile: { type: 'Localhost' } },
  ['context.appArmorProfile.localhostProfile: belongs to type Localhost'],
);
test(
  'no security context: a file for a profile that is not local',
  context,
  { seccompProfile: { type: 'Unconfined', localhostProfile: 'x' } },
  ['context.seccompProfile.localhostProfile: belongs to type Localhost'],
);

const tls = test.macro((t, given: Partial<ExporterTls>, expected: readonly string[]) => {
  const nothing = { caFile: undefined, certFile: undefined, keyFile: undefined };
  const settings = { ...nothing, secretName: undefined, configMapName: undefined, ...given };
  t.deepEqual(
    reported((report) => checkTls(settings, 'tls', report)),
    expected,
  );
});

test(
  'Secret and ConfigMap may have dots in their names',
  tls,
  { secretName: 'my.certs.v2', configMapName: 'ca' },
  [],
);
test('a Secret’s name may be long without a dot', tls, { secretName: 's'.repeat(100) }, []);
test('no Secret: an underscore in its name', tls, { secretName: 'my_certs' }, [
  "tls.secretName: is no object's name",
]);
test('no ConfigMap: a name too long', tls, { configMapName: 'c'.repeat(254) }, [
  "tls.configMapName: is no object's name",
]);

test('settings may be nested as deeply as the API is, and not much deeper', (t) => {
  const nested = (depth: number): Json => (depth === 0 ? {} : { a: nested(depth - 1) });
  t.true(isShallow(nested(15)));
  t.false(isShallow(nested(30)));
  let deep: Json = [];
  for (let depth = 0; depth < 200_000; depth++) deep = [deep];
  t.false(isShallow(deep));
});
