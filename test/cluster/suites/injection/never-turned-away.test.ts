import anyTest from 'ava';
import { applyPatch, type Operation } from 'rfc6902';
import { images } from '../../../../config/images.ts';
import { answerPod } from '../../../../controller/webhook/admission.ts';
import { readInstrumentation } from '../../../../domain/injection/instrumentation/read.ts';
import type { World } from '../../../../domain/injection/match.ts';
import { indexInstrumentations } from '../../../../domain/injection/selector.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import type { Cluster } from '../../cluster.ts';
import { startCluster } from '../../start.ts';

const test = anyTest.serial;
const namespace = 'odd';
let cluster: Cluster;

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
};

const plain = (spec: JsonObject): Odd => ({
  language: 'java',
  spec,
  pod: { containers: [container()] },
});

/** What the API server says against the pod. */
async function objection(pod: JsonObject): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
  const { code, body } = await cluster.adminClient.call<{
    message?: string;
    metadata: object;
    kind: string;
  }>('POST', path, pod);
  return code === 201 ? undefined : `${code} ${body.message}`;
}

/** The pod as the API server has it after the webhook's answer. */
function answered(pod: JsonObject, spec: JsonObject): JsonObject {
  const read = readInstrumentation({ metadata: { namespace, name: 'one' }, spec });
  const world: World = {
    namespace: { name: namespace, annotations: {}, labels: {} },
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

test('a control plane is there', async (t) => {
  cluster = await startCluster();
  await cluster.createNamespace(namespace);
  t.pass();
});

const all = {
  ...Object.fromEntries(Object.entries(settings).map(([what, spec]) => [what, plain(spec)])),
  ...pods,
};
for (const [what, { language, spec = {}, pod, name = 'odd' }] of Object.entries(all)) {
  test(`no pod is turned away for ${what}`, async (t) => {
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

test('the control plane ends', async (t) => {
  await cluster.stop();
  t.pass();
});
