import test from 'ava';
import { marks } from '../../../../crds/names.ts';
import { objectAt, type JsonObject } from '../../../../domain/json.ts';
import type { Restart } from '../../../../domain/restart/plan.ts';
import { readWorkload, type Workload } from '../../../../domain/restart/records/workload.ts';
import { act } from '../../../../controller/loop/acting/act.ts';
import { failure, json } from '../../../support/faults/api.ts';
import { noPods } from '../../../../domain/restart/coverage.ts';
import { aDeployment, aScene, type Scene } from '../support.ts';

const marker = '0123456789abcdef.1.abc';

function judged(scene: Scene) {
  aDeployment(scene.api);
  const workload = read(scene);
  const restart: Restart = {
    marker,
    number: 1,
    judgement: {
      key: 'Deployment/shop/cart',
      workload,
      verdict: { kind: 'behind', reason: 'WebhookMissed' },
      since: 0,
      coverage: noPods,
      wanted: { kind: 'nothing', reason: 'NotAsked' },
      attempt: { kind: 'none', times: [], lastNumber: 0 },
      youngestBareAt: undefined,
      isBlind: false,
    },
  };
  const hand = {
    client: scene.client,
    fence: () => true,
    workload: (): Workload | undefined => workload,
  };
  return { restart, hand };
}

function read({ api }: Scene): Workload {
  const workload = readWorkload('Deployment', api.object('apps/deployments', 'shop/cart'));
  if (workload === undefined) throw new Error('it is there');
  return workload;
}

const markerIn = ({ api }: Scene) => {
  const spec = objectAt(api.object('apps/deployments', 'shop/cart') ?? {}, 'spec') ?? {};
  const metadata = objectAt(objectAt(spec, 'template') ?? {}, 'metadata') ?? {};
  return (objectAt(metadata, 'annotations') ?? {})[marks.restart];
};

const bodies = ({ api }: Scene) =>
  api.requests.map(({ body }) => JSON.parse(body ?? '{}') as JsonObject);

test('a restart is one annotation on the pod template, for the version that was judged, and nothing else', async (t) => {
  const scene = aScene();
  const { restart, hand } = judged(scene);
  const { version, uid } = restart.judgement.workload;
  const acted = await scene.done(act(restart, hand));
  t.is(acted.kind, 'sent');
  t.is(markerIn(scene), marker);
  t.deepEqual(scene.asked(), [
    'PATCH /apis/apps/v1/namespaces/shop/deployments/cart?fieldManager=otel-retrofit&fieldValidation=Strict',
  ]);
  t.deepEqual(bodies(scene), [
    {
      metadata: { resourceVersion: version, uid },
      spec: { template: { metadata: { annotations: { [marks.restart]: marker } } } },
    },
  ]);
});

test('what has changed since it was judged is judged anew first', async (t) => {
  const scene = aScene();
  const { restart, hand } = judged(scene);
  const acted = await scene.done(act(restart, { ...hand, workload: () => read(scene) }));
  t.deepEqual(acted, { kind: 'dropped', fault: 'Conflict' });
  t.deepEqual(scene.asked(), []);
});

test('what changes meanwhile refuses the write, and keeps what its owner wrote', async (t) => {
  const scene = aScene();
  const { restart, hand } = judged(scene);
  scene.api.put('apps/deployments', 'cart', { metadata: { labels: { of: 'its owner' } } });
  t.deepEqual(await scene.done(act(restart, hand)), { kind: 'dropped', fault: 'Conflict' });
  t.is(markerIn(scene), undefined);
});

test('without the lease nothing leaves', async (t) => {
  const scene = aScene();
  const { restart, hand } = judged(scene);
  const acted = await scene.done(act(restart, { ...hand, fence: () => false }));
  t.deepEqual(acted, { kind: 'dropped', fault: 'LeaseLost' });
  t.deepEqual(scene.asked(), []);
});

test('a policy that drops the annotation has rejected the restart', async (t) => {
  const scene = aScene();
  const { restart, hand } = judged(scene);
  scene.answerWith = () => json(200, scene.api.object('apps/deployments', 'shop/cart') ?? {});
  const acted = await scene.done(act(restart, hand));
  t.deepEqual(acted, { kind: 'rejected', fault: undefined, deniedBy: undefined });
});

test('a webhook that denies it has rejected it, and is named; the words of the server are not kept', async (t) => {
  const scene = aScene();
  const { restart, hand } = judged(scene);
  const message = 'admission webhook "guard.example.com" denied the request: TOKEN=hidden';
  scene.answerWith = () => failure(403, 'Forbidden', message);
  const acted = await scene.done(act(restart, hand));
  t.deepEqual(acted, {
    kind: 'rejected',
    fault: 'DeniedByAdmission',
    deniedBy: 'guard.example.com',
  });
  t.is(scene.api.requests.length, 0);
});

for (const [title, code, reason, fault] of [
  ['forbids it', 403, 'Forbidden', 'Forbidden'],
  ['finds it invalid', 422, 'Invalid', 'Invalid'],
] as const) {
  test(`a server that ${title} is not asked again`, async (t) => {
    const scene = aScene();
    const { restart, hand } = judged(scene);
    let asked = 0;
    scene.answerWith = () => {
      asked += 1;
      return failure(code, reason, 'no');
    };
    t.like(await scene.done(act(restart, hand)), { kind: 'rejected', fault });
    t.is(asked, 1);
  });
}

test('what is gone is dropped', async (t) => {
  const scene = aScene();
  const { restart, hand } = judged(scene);
  scene.api.remove('apps/deployments', 'shop/cart');
  t.deepEqual(await scene.done(act(restart, hand)), { kind: 'dropped', fault: 'NotFound' });
});

test('without an answer the same value is sent again, three times at most', async (t) => {
  const scene = aScene();
  const { restart, hand } = judged(scene);
  const bodiesSent: (string | undefined)[] = [];
  scene.answerWith = ({ body }) => {
    bodiesSent.push(body);
    return 'lost';
  };
  const acted = await scene.done(act(restart, hand));
  t.is(acted.kind, 'uncertain');
  t.is(bodiesSent.length, 3);
  t.is(new Set(bodiesSent).size, 1);
});

test('a write that was carried out and not answered is not carried out twice', async (t) => {
  const scene = aScene();
  const { restart, hand } = judged(scene);
  let isFirst = true;
  scene.answerWith = (request) => {
    if (!isFirst) return undefined;
    isFirst = false;
    scene.api.answer(request);
    return 'lost';
  };
  const acted = await scene.done(act(restart, hand));
  t.deepEqual(acted, { kind: 'uncertain', fault: 'Conflict' });
  t.is(markerIn(scene), marker);
  t.is(Number(read(scene).version), Number(restart.judgement.workload.version) + 1);
});

test('a server that failed once and then does it has done it', async (t) => {
  const scene = aScene();
  const { restart, hand } = judged(scene);
  let isFirst = true;
  scene.answerWith = () => {
    if (!isFirst) return undefined;
    isFirst = false;
    return failure(500, 'InternalError', 'etcd is away');
  };
  t.is((await scene.done(act(restart, hand))).kind, 'sent');
  t.is(markerIn(scene), marker);
});
