import test from 'ava';
import { installationChecks } from '../../../domain/diagnose/checks/installation.ts';
import { concerning, examine } from '../../../domain/diagnose/examine.ts';
import type { JsonObject } from '../../../domain/json.ts';
import {
  inject,
  nameOf,
  objectsOf,
  server,
  type Scene,
  type WorkloadScene,
} from '../../cli/doctor/cluster.ts';
import { broken } from '../../cli/doctor/situations.ts';
import { evidenceOn, keysOf } from './support.ts';

test('nothing is found where all is well', (t) => {
  t.deepEqual(examine(evidenceOn({})).findings, []);
});

test('the cause comes before what follows from it', (t) => {
  const { findings } = examine(
    evidenceOn({
      webhook: { clientConfig: { caBundle: null } },
      instrumentations: [{ spec: { exporter: { endpoint: 'http://demo-collector:4318' } } }],
      workloads: [{ pods: 'bare' }],
    }),
  );
  t.deepEqual(keysOf(findings), [
    'WebhookWithoutAuthority',
    'EndpointInOtherNamespace',
    'WebhookMissed',
  ]);
});

test('of one workload only what concerns it is told, and what concerns all', (t) => {
  const { findings } = examine(
    evidenceOn({
      webhook: { failurePolicy: 'Fail' },
      workloads: [{}, { name: 'web', annotations: { [inject('nodejs')]: 'nobody' } }],
    }),
  );
  t.deepEqual(keysOf(concerning(findings, 'Deployment/shop/cart')), ['WebhookMayBlock']);
  t.deepEqual(keysOf(concerning(findings, 'Deployment/shop/web')), [
    'InstrumentationNotFound',
    'WebhookMayBlock',
  ]);
});

test('rights that our ServiceAccounts lack, and kinds that may not be read, are told', (t) => {
  const lacking = [{ account: 'otel-retrofit/otel-retrofit-controller', right: 'list pods' }];
  const { findings } = examine(evidenceOn({}, { denied: ['Secret'], lacking }));
  t.deepEqual(
    findings.map(({ check, level, about, detail }) => [check, level, about, detail]),
    [
      [
        'RightsMissing',
        'error',
        'ServiceAccount/otel-retrofit/otel-retrofit-controller',
        'list pods',
      ],
      ['NotLookedAt', 'note', 'Secret', undefined],
    ],
  );
});

const findingsOf = (scene: Scene) => examine(evidenceOn(scene)).findings;

const keyOf = ({ kind = 'Deployment', namespace = 'shop', name = 'cart' }: WorkloadScene) =>
  `${kind}/${namespace}/${name}`;

/** But for whose turn comes later. */
const toldOf = (findings: ReturnType<typeof findingsOf>, workload: WorkloadScene) =>
  keysOf(concerning(findings, keyOf(workload))).filter((key) => key !== 'RampUp');

/** An Event is about one workload by its name. */
const shared = broken.filter(({ first }) => first !== 'PodsRefused');

for (const { title, scene } of shared) {
  test(`${title}: a workload just like it is told the same, and neither changes the other`, (t) => {
    const workloads = scene.workloads ?? [{}];
    const twins = workloads.map((one, place) => ({ ...one, name: `twin-${place}` }));
    const alone = findingsOf(scene);
    const together = findingsOf({ ...scene, workloads: [...workloads, ...twins] });
    for (const [place, one] of workloads.entries()) {
      t.deepEqual(toldOf(together, one), toldOf(alone, one));
      t.deepEqual(toldOf(together, { ...one, name: `twin-${place}` }), toldOf(alone, one));
    }
  });
}

/** All of the namespace, under another name. */
function copiedIn(scene: Scene): readonly JsonObject[] {
  const all = objectsOf(scene).filter((json) =>
    /^(?:\w+\/shop\/|Namespace\/shop$)/.test(nameOf(json)),
  );
  const text = JSON.stringify(all).replaceAll(/\bshop\b(?!\.example)/g, 'store');
  return JSON.parse(text) as readonly JsonObject[];
}

/** A selector that names the namespace knows no other. */
const copied = broken.filter(
  ({ first, scene: { workloads } }) => first !== 'HomeExcluded' && isAllIn(workloads),
);

for (const { title, scene } of copied) {
  test(`${title}: in two namespaces each is told the same, and neither changes the other`, (t) => {
    const alone = findingsOf(scene);
    const together = findingsOf({ ...scene, more: [...(scene.more ?? []), ...copiedIn(scene)] });
    for (const one of scene.workloads ?? [{}]) {
      t.deepEqual(toldOf(together, one), toldOf(alone, one));
      t.deepEqual(toldOf(together, { ...one, namespace: 'store' }), toldOf(alone, one));
    }
  });
}

function isAllIn(workloads: Scene['workloads'] = []): boolean {
  return workloads.every(({ namespace = 'shop' }) => namespace === 'shop');
}

const well: WorkloadScene = {
  name: 'well',
  namespace: 'default',
  annotations: { [inject('nodejs')]: 'true' },
};

const itsOwn = {
  name: 'mine',
  namespace: 'default',
  spec: { exporter: { endpoint: 'http://my-collector.default.svc:4318' } },
};

const ofInstallation = new Set<string>(Object.keys(installationChecks));

for (const { title, scene } of broken) {
  test(`${title}: who has nothing to do with it is told what concerns all, and no more`, (t) => {
    const workloads = scene.workloads ?? [{}];
    const together = findingsOf({
      ...scene,
      instrumentations: [...(scene.instrumentations ?? [{}]), itsOwn],
      workloads: [...workloads, well],
      more: [
        ...(scene.more ?? []),
        ...server({ name: 'my-collector', place: 'default', port: 4318 }, undefined),
      ],
    });
    const told = toldOf(together, well).filter((key) => !ofInstallation.has(key));
    t.deepEqual(told, []);
    const alone = findingsOf(scene);
    for (const one of workloads) t.deepEqual(toldOf(together, one), toldOf(alone, one));
  });
}
