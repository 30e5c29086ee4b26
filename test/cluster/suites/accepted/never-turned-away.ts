import test from 'ava';
import { applyPatch, type Operation } from 'rfc6902';
import { images } from '../../../../config/images.ts';
import { answerPod } from '../../../../controller/webhook/admission.ts';
import { readInstrumentation } from '../../../../domain/injection/instrumentation/read.ts';
import type { World } from '../../../../domain/injection/match.ts';
import { readLimitRange } from '../../../../domain/injection/pod/limit-range.ts';
import { indexInstrumentations } from '../../../../domain/injection/selector.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import { chosenSeed, diceOf, type Dice } from '../../../support/dice.ts';
import type { Cluster } from '../../cluster.ts';
import { until } from '../../until.ts';

const namespace = 'odd';

const container = (more: JsonObject = {}): JsonObject => ({ name: 'app', image: 'app:1', ...more });

const claim = (spec: JsonObject, more: JsonObject = {}): JsonObject => ({
  java: {
    volumeClaimTemplate: {
      ...more,
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
        ...spec,
      },
    },
  },
});

const context = (given: JsonObject): JsonObject => ({ initContainerSecurityContext: given });
const variable = (valueFrom: JsonObject): JsonObject => ({ env: [{ name: 'A', valueFrom }] });

/** What an Instrumentation can say that spoils pods, for its definition lets it pass. */
const settings: Readonly<Record<string, JsonObject>> = {
  'an unknown mount of /proc': context({ procMount: 'Other' }),
  'an unmasked /proc': context({ procMount: 'Unmasked' }),
  'a Windows host process': context({ windowsOptions: { hostProcess: true } }),
  'a Windows user without a name': context({ windowsOptions: { runAsUserName: '' } }),
  'a profile that climbs': context({
    seccompProfile: { type: 'Localhost', localhostProfile: '../x' },
  }),
  'a claim with a name': claim({}, { metadata: { name: 'agents' } }),
  'a claim with a bad label': claim({}, { metadata: { labels: { 'bad key!': 'a' } } }),
  'a class of two words': claim({ storageClassName: 'Fast SSD' }),
  'a selector with a bad operator': claim({
    selector: { matchExpressions: [{ key: 'a', operator: 'Near' }] },
  }),
  'an unknown volume mode': claim({ volumeMode: 'Tape' }),
  'a claim filled from a pod': claim({ dataSource: { kind: 'Pod', name: 'a' } }),
  'a field of an unknown API': variable({
    fieldRef: { apiVersion: 'v9', fieldPath: 'metadata.name' },
  }),
  'a field of an impossible label': variable({
    fieldRef: { fieldPath: "metadata.labels['bad key!']" },
  }),
  'an extension with white space': { java: { extensions: [{ image: 'x:1 ', dir: '/e' }] } },
};

const hostProcess = {
  windowsOptions: { hostProcess: true, runAsUserName: 'NT AUTHORITY\\SYSTEM' },
};
const volumes = [{ name: 'v', emptyDir: {} }];

interface Odd {
  readonly language: string;
  readonly spec?: JsonObject;
  readonly pod: JsonObject;
  readonly name?: string;
}

/** What a pod can be that an API server takes, and that leaves no room for what is added. */
const pods: Readonly<Record<string, Odd>> = {
  'a container of a Windows host': {
    language: 'go',
    pod: { hostNetwork: true, containers: [container({ securityContext: hostProcess })] },
  },
  'a name that leaves no room for a claim’s': {
    language: 'java',
    spec: claim({}),
    pod: { containers: [container()] },
    name: 'p'.repeat(240),
  },
  'a mount that only the mighty may have': {
    language: 'apache-httpd',
    spec: context({ runAsNonRoot: true, runAsUser: 5 }),
    pod: {
      volumes,
      containers: [
        container({
          securityContext: { privileged: true },
          volumeMounts: [{ name: 'v', mountPath: '/d', mountPropagation: 'Bidirectional' }],
        }),
      ],
    },
  },
  'a device where the agent goes': {
    language: 'java',
    pod: {
      volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'a' } }],
      containers: [
        container({
          volumeDevices: [{ name: 'v', devicePath: '/otel-auto-instrumentation-java-app' }],
        }),
      ],
    },
  },
  'a variable called 7ZIP': {
    language: 'apache-httpd',
    pod: { containers: [container({ env: [{ name: '7ZIP', value: 'a' }] })] },
  },
  'a mount with a drive': {
    language: 'sdk',
    pod: {
      volumes,
      containers: [container({ volumeMounts: [{ name: 'v', mountPath: 'C:\\data' }] })],
    },
  },
};

const plain = (spec: JsonObject): Odd => ({
  language: 'java',
  spec,
  pod: { containers: [container()] },
});

/** The pod as the API server has it after the webhook's answer. */
function answered(
  pod: JsonObject,
  spec: JsonObject,
  {
    limitRanges = [],
    labels = {},
  }: { readonly limitRanges?: readonly JsonObject[]; readonly labels?: JsonObject } = {},
): JsonObject {
  const limits = limitRanges.flatMap((json) => readLimitRange(json) ?? []);
  const read = readInstrumentation({ metadata: { namespace, name: 'one' }, spec });
  const world: World = {
    namespace: { name: namespace, annotations: {}, labels, limits },
    instrumentations: indexInstrumentations(read === undefined ? [] : [read]),
    defaults: { images, disabled: [] },
  };
  const review = {
    uid: 'u',
    operation: 'CREATE',
    resource: 'pods',
    subresource: undefined,
    namespace,
    name: 'odd',
    dryRun: false,
    object: pod,
    oldObject: undefined,
    bytes: 1_000,
  };
  const around = { worldOf: () => world, fingerprint: () => '' };
  const { patch = '[]' } = answerPod(review, around).answer;
  const after = structuredClone(pod);
  applyPatch(after, JSON.parse(patch) as Operation[]);
  return after;
}

const asking = (language: string): JsonObject => ({
  [`instrumentation.opentelemetry.io/inject-${language}`]: 'true',
  'instrumentation.opentelemetry.io/otel-go-auto-target-exe': '/app',
});

const aRange = (place: string, limits: readonly JsonObject[]): JsonObject => ({
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'limits', namespace: place },
  spec: { limits },
});

const limitedPod = (place: string, language: string, spec: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'odd', namespace: place, annotations: asking(language) },
  spec,
});

const isDeclined = (pod: JsonObject, reason = 'LimitRangeForbids') =>
  JSON.stringify(pod).includes('otel-retrofit.dev/declined') &&
  JSON.stringify(pod).includes(`.${reason}`);

type Choice = readonly [string, ...string[]];

function chanceLimits(dice: Dice): readonly JsonObject[] {
  const amount = (low: Choice, high: Choice) => ({
    ...(dice.chance(0.4) ? { cpu: dice.pick(low) } : {}),
    ...(dice.chance(0.4) ? { memory: dice.pick(high) } : {}),
    ...(dice.chance(0.1) ? { 'ephemeral-storage': dice.pick(high) } : {}),
  });
  const item = (type: string): JsonObject => ({
    type,
    ...(dice.chance(0.5)
      ? { min: amount(['1m', '10m', '50m', '60m'], ['1Mi', '32Mi', '64Mi', '65Mi']) }
      : {}),
    ...(dice.chance(0.5)
      ? { max: amount(['400m', '0.5', '1', '2'], ['200Mi', '256Mi', '1Gi', '2G']) }
      : {}),
    ...(dice.chance(0.2)
      ? { maxLimitRequestRatio: amount(['1', '4', '10', '500'], ['1', '2', '4', '8']) }
      : {}),
  });
  return dice.chance(0.5)
    ? [item('Container')]
    : [item('Pod'), ...(dice.chance(0.3) ? [item('Container')] : [])];
}

function chanceResources(dice: Dice): JsonObject {
  const [cpu, memory] = [dice.pick(['60m', '100m', '0.4']), dice.pick(['65Mi', '100M', '200Mi'])];
  const requests = { cpu, ...(dice.chance(0.7) ? { memory } : {}) };
  return { requests, ...(dice.chance(0.7) ? { limits: { cpu, memory } } : {}) };
}

function chancePod(dice: Dice): JsonObject {
  const one = (name: string, more: JsonObject = {}): JsonObject => ({
    ...container({ resources: chanceResources(dice), ...more }),
    name,
  });
  return {
    containers: [one('app'), ...(dice.chance(0.3) ? [one('other')] : [])],
    initContainers: [
      ...(dice.chance(0.3) ? [one('mesh', { restartPolicy: 'Always' })] : []),
      ...(dice.chance(0.3) ? [one('first')] : []),
    ],
    ...(dice.chance(0.15)
      ? { resources: { requests: { cpu: '1' }, limits: { cpu: '2', memory: '1Gi' } } }
      : {}),
  };
}

function chanceSpec(language: string, dice: Dice): JsonObject {
  const field = language === 'java' ? 'resources' : 'resourceRequirements';
  return dice.chance(0.4) ? { [language]: { [field]: chanceResources(dice) } } : {};
}

/** What is odd in pods and Instrumentations, and what forbids what an injection adds. */
export function nobodyIsTurnedAway(where: () => Cluster): void {
  /** What the API server says against the pod. */
  async function objection(pod: JsonObject, place = namespace): Promise<string | undefined> {
    const path = `/api/v1/namespaces/${place}/pods?dryRun=All`;
    const { code, body } = await where().adminClient.call<{
      message?: string;
      metadata: object;
      kind: string;
    }>('POST', path, pod);
    return code === 201 ? undefined : `${code} ${body.message}`;
  }

  test.serial.before(() => where().createNamespace(namespace));

  const all = {
    ...Object.fromEntries(Object.entries(settings).map(([what, spec]) => [what, plain(spec)])),
    ...pods,
  };
  for (const [what, { language, spec = {}, pod, name = 'odd' }] of Object.entries(all)) {
    test.serial(`no pod is turned away for ${what}`, async (t) => {
      const annotations = {
        [`instrumentation.opentelemetry.io/inject-${language}`]: 'true',
        'instrumentation.opentelemetry.io/otel-go-auto-target-exe': '/app',
      };
      const whole = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace, annotations },
        spec: pod,
      };
      t.is(await objection(whole), undefined, 'as it is');
      t.is(await objection(answered(whole, spec)), undefined, 'after the answer');
    });
  }

  /** A namespace for each, since an API server remembers for a while that there was no LimitRange. */
  async function limitedPlace(place: string, limits: readonly JsonObject[]): Promise<JsonObject> {
    await where().createNamespace(place);
    const path = `/api/v1/namespaces/${place}/limitranges`;
    const { code, body } = await where().adminClient.call('POST', path, aRange(place, limits));
    if (code !== 201) throw new Error(JSON.stringify(body));
    return aRange(place, limits);
  }

  const limited: readonly (readonly [language: string, limits: JsonObject])[] = [
    ['java', { type: 'Container', min: { cpu: '100m' } }],
    ['nodejs', { type: 'Container', max: { memory: '128Mi' } }],
    ['go', { type: 'Container', maxLimitRequestRatio: { cpu: '2' } }],
    ['apache-httpd', { type: 'Container', maxLimitRequestRatio: { memory: '1' } }],
    ['go', { type: 'Pod', max: { cpu: '700m', memory: '1Gi' } }],
  ];
  for (const [index, [language, item]] of limited.entries()) {
    test.serial(
      `no pod is turned away for a LimitRange with ${JSON.stringify(item)}`,
      async (t) => {
        const place = `limited-${index}`;
        const range = await limitedPlace(place, [item]);
        const amounts = { cpu: '500m', memory: '128Mi' };
        const app = container({ resources: { requests: amounts, limits: amounts } });
        const pod = limitedPod(place, language, { containers: [app] });
        t.is(await objection(pod, place), undefined, 'as it is');
        t.regex((await objection(answered(pod, {}), place)) ?? '', /^403 /, 'without a look at it');
        const answer = answered(pod, {}, { limitRanges: [range] });
        t.true(isDeclined(answer));
        t.is(await objection(answer, place), undefined, 'after the answer');
      },
    );
  }

  const harmless: JsonObject = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  };
  const secured: readonly (readonly [level: string, context: JsonObject])[] = [
    ['baseline', { seLinuxOptions: { user: 'somebody' } }],
    ['restricted', { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }],
  ];
  for (const [level, given] of secured) {
    test.serial(
      `no pod is turned away for ${JSON.stringify(given)} where Pod Security is ${level}`,
      async (t) => {
        const labels = { 'pod-security.kubernetes.io/enforce': level };
        await where().createNamespace(level);
        const path = `/api/v1/namespaces/${level}`;
        const type = 'application/merge-patch+json';
        await where().adminClient.call('PATCH', path, { metadata: { labels } }, { type });
        const app = container({ securityContext: harmless });
        const pod = limitedPod(level, 'java', { containers: [app] });
        await until(
          async () => (await objection(answered(pod, context(given)), level)) !== undefined,
          {
            what: 'a pod is turned away without a look at the level',
          },
        );
        t.is(await objection(pod, level), undefined, 'as it is');
        const answer = answered(pod, context(given), { labels });
        t.true(isDeclined(answer, 'PodSecurityForbids'));
        t.is(await objection(answer, level), undefined, 'after the answer');
      },
    );
  }

  const count = 150;

  test.serial(
    `of ${count} pods under chance limits those are declined that the API server would refuse`,
    async (t) => {
      const dice = diceOf(chosenSeed() + 23);
      const tally = { declined: 0, given: 0, refusedAsTheyAre: 0 };
      const problems: string[] = [];
      for (let index = 0; index < count; index++) {
        const place = `chance-${index}`;
        const items = chanceLimits(dice);
        const range = await limitedPlace(place, items);
        const language = dice.pick(['java', 'python', 'go', 'nginx']);
        const pod = limitedPod(place, language, chancePod(dice));
        const spec = chanceSpec(language, dice);
        if ((await objection(pod, place)) !== undefined) {
          tally.refusedAsTheyAre += 1;
          continue;
        }
        const naive = await objection(answered(pod, spec), place);
        const ours = isDeclined(answered(pod, spec, { limitRanges: [range] }));
        tally[ours ? 'declined' : 'given'] += 1;
        if (ours !== (naive !== undefined))
          problems.push(JSON.stringify({ items, language, pod: pod['spec'], spec, naive }));
      }
      t.log(`${JSON.stringify(tally)}, seed ${chosenSeed() + 23}`);
      t.deepEqual(problems.slice(0, 5), []);
      t.true(Math.min(tally.declined, tally.given) > 10);
    },
  );
}
