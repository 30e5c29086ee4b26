import type { ExecutionContext } from 'ava';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../cluster/until.ts';
import { aPod, ask, core, merge, must, type Fact, type Plane } from '../fact.ts';
import { allow, annotate, change, deny, type Behaviour, type Question } from '../hooks.ts';

const root = '/apis/admissionregistration.k8s.io/v1';
const rule = (operations: readonly string[], ...resources: readonly string[]) => ({
  apiGroups: ['*'],
  apiVersions: ['*'],
  operations,
  resources,
});

/** A webhook on a loaded machine may take more than a second, and only one fact is about that. */
const patienceSeconds = 10;

/** Webhooks of one namespace, so that facts do not meet. */
class Scene {
  readonly namespace: string;
  readonly pods: string;
  readonly asked: Question[] = [];
  readonly #plane: Plane;
  readonly #configurations: string[] = [];

  constructor(plane: Plane, namespace: string) {
    this.#plane = plane;
    this.namespace = namespace;
    this.pods = core(namespace, 'pods');
  }

  hook(name: string, behaviour: Behaviour, more: object = {}): object {
    const clientConfig = this.#plane.hooks.clientConfig((question) => {
      // Probes are how a fact finds out that the webhook is in force.
      if (question.object?.metadata.name === 'probe') return annotate(question, 'probed');
      this.asked.push(question);
      return behaviour(question);
    });
    return {
      name: `${name}.lab.dev`,
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      timeoutSeconds: patienceSeconds,
      clientConfig,
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': this.namespace } },
      rules: [rule(['CREATE'], 'pods')],
      ...more,
    };
  }

  async register(order: string, webhooks: readonly object[], type = 'mutating'): Promise<void> {
    const name = `${this.namespace}-${order}`;
    const path = `${root}/${type}webhookconfigurations`;
    await must(this.#plane, 'POST', path, { metadata: { name }, webhooks });
    this.#configurations.push(`${path}/${name}`);
  }

  /** The last configuration changes a probe as soon as it is in force. */
  async enforce(): Promise<void> {
    const probing = this.hook('probe', (question) => allow(question), {
      objectSelector: { matchLabels: { app: 'probe' } },
    });
    await this.register('zz', [probing]);
    const probed = async () =>
      (await must(this.#plane, 'POST', `${this.pods}?dryRun=All`, aPod('probe'))).metadata
        .annotations?.['probed'];
    await until(probed, { what: 'the webhooks are in force' });
    this.asked.splice(0);
  }

  create(body: object = aPod('a'), query = '') {
    return ask(this.#plane, 'POST', `${this.pods}${query}`, body);
  }

  async clear(): Promise<void> {
    for (const path of this.#configurations) await ask(this.#plane, 'DELETE', path);
  }
}

const about = (
  title: string,
  check: (t: ExecutionContext, scene: Scene, plane: Plane) => Promise<void>,
): Fact => ({
  title,
  async check(t, plane) {
    const scene = new Scene(plane, await plane.namespace());
    try {
      await check(t, scene, plane);
    } finally {
      await scene.clear();
    }
  },
});

const late = 'takes too long';

const passed: Readonly<Record<string, Behaviour>> = {
  'answers 500': () => 500,
  'answers no JSON': () => 'hello',
  'answers nothing of a review': () => ({}),
  'answers for another': () => allow({ uid: 'other' }),
  'answers in another version': (question) => ({
    ...allow(question),
    apiVersion: 'admission.k8s.io/v1beta1',
  }),
  'sends a patch without its type': (question) => allow(question, { patch: 'W10=' }),
  'sends a patch that is no list': (question) => change(question, { op: 'add' }),
  [late]: (question) => pause(1_500, allow(question)),
};

const image = '/spec/containers/0/image';
const harmful: Readonly<Record<string, readonly [unknown, number]>> = {
  'does not apply': [[{ op: 'replace', path: '/spec/none/x', value: 1 }], 500],
  'tests what is not so': [[{ op: 'test', path: '/metadata/name', value: 'other' }], 500],
  'makes a field the wrong type': [[{ op: 'replace', path: image, value: 5 }], 500],
  'makes an invalid pod': [[{ op: 'remove', path: image }], 422],
};

const ignoring = { failurePolicy: 'Ignore' };

export const webhooks: readonly Fact[] = [
  about('a webhook sees the pod as it would be, and its patch is stored', async (t, scene) => {
    await scene.register('a', [scene.hook('a', (question) => annotate(question, 'seen'))]);
    await scene.enforce();
    const { body } = await scene.create({ ...aPod('a'), metadata: { generateName: 'a-' } });
    t.like(body.metadata.annotations, { seen: 'yes' });
    const [question] = scene.asked;
    t.like(question, { operation: 'CREATE', dryRun: false, oldObject: null });
    t.is(question?.options.kind, 'CreateOptions');
    t.deepEqual([question?.name, question?.object?.metadata.uid], [undefined, undefined]);
    t.is(question?.object?.metadata.namespace, scene.namespace);
    t.is(question?.object?.spec?.['restartPolicy'], 'Always');
  }),
  about(
    'webhooks are asked by the name of their configuration, then as listed, and once more when a later one changed what they saw',
    async (t, scene) => {
      const order: string[] = [];
      const note = (name: string, more: object = {}) =>
        scene.hook(name, (question) => (order.push(name), annotate(question, name)), more);
      await scene.register('b', [note('b')]);
      await scene.register('a', [note('c', { reinvocationPolicy: 'IfNeeded' }), note('a')]);
      const validating = scene.hook('v', (question) => (order.push('v'), allow(question)));
      await scene.register('v', [validating], 'validating');
      await scene.enforce();
      order.splice(0);
      await scene.create();
      t.deepEqual(order, ['c', 'a', 'b', 'c', 'v']);
    },
  ),
  about('selectors and rules decide without asking', async (t, scene, plane) => {
    const objectSelector = { matchLabels: { app: 'other' } };
    const rules = [rule(['UPDATE'], 'pods/status')];
    await scene.register('a', [
      scene.hook('a', (question) => allow(question), { objectSelector }),
      scene.hook('b', (question) => allow(question), { rules }),
    ]);
    await scene.enforce();
    await scene.create();
    const running = { status: { phase: 'Running' } };
    await must(plane, 'PATCH', `${scene.pods}/a/status`, running, merge);
    await scene.create(aPod('other'));
    t.deepEqual(
      scene.asked.map(({ operation, subResource }) => [operation, subResource]),
      [
        ['UPDATE', 'status'],
        ['CREATE', undefined],
      ],
    );
  }),
  ...Object.entries(passed).map(([what, behaviour]) =>
    about(
      `a webhook that ${what} is passed over under Ignore, and fails the request under Fail`,
      async (t, scene) => {
        const timeoutSeconds = what === late ? 1 : patienceSeconds;
        const hook = (name: string, failurePolicy: string) =>
          scene.hook(name, behaviour, { failurePolicy, timeoutSeconds });
        await scene.register('a', [hook('a', 'Ignore')]);
        await scene.enforce();
        t.is((await scene.create()).code, 201);
        await scene.register('b', [hook('b', 'Fail')]);
        await until(async () => (await scene.create(aPod('b'), '?dryRun=All')).code === 500, {
          what: 'the request fails',
        });
        const { body } = await scene.create(aPod('b'));
        t.regex(body.message ?? '', /failed calling webhook "b\.lab\.dev"/);
      },
    ),
  ),
  about('a webhook nobody answers for is passed over under Ignore', async (t, scene) => {
    const usual = scene.hook('a', (question) => allow(question), ignoring);
    await scene.register('a', [{ ...usual, clientConfig: { url: 'https://127.0.0.1:1/' } }]);
    await scene.enforce();
    t.is((await scene.create()).code, 201);
  }),
  ...Object.entries(harmful).map(([what, [operations, expected]]) =>
    about(`a patch that ${what} rejects the pod even under Ignore`, async (t, scene) => {
      await scene.register('a', [
        scene.hook('a', (question) => change(question, operations), ignoring),
      ]);
      await scene.enforce();
      t.is((await scene.create()).code, expected);
    }),
  ),
  about('a webhook that says no has the last word, with its own code', async (t, scene) => {
    const status = { code: 418, message: 'no tea' };
    await scene.register('a', [scene.hook('a', (question) => deny(question, status), ignoring)]);
    await scene.enforce();
    const { code, body } = await scene.create();
    t.is(code, 418);
    t.regex(body.message ?? '', /^admission webhook "a\.lab\.dev" denied the request: no tea$/);
  }),
  about('warnings of a webhook reach the client', async (t, scene) => {
    const warnings = ['mind "this"'];
    await scene.register('a', [scene.hook('a', (question) => allow(question, { warnings }))]);
    await scene.enforce();
    const { headers } = await scene.create();
    t.is(headers['warning'], String.raw`299 - "mind \"this\""`);
  }),
  about('a dry run is asked about as such', async (t, scene) => {
    await scene.register('a', [scene.hook('a', (question) => annotate(question, 'seen'))]);
    await scene.enforce();
    const { body } = await scene.create(aPod('a'), '?dryRun=All');
    t.is(body.metadata.annotations?.['seen'], 'yes');
    t.true(scene.asked[0]?.dryRun);
  }),
  about('a deletion is asked about with the object as it was', async (t, scene, plane) => {
    const rules = [rule(['DELETE'], 'pods')];
    await scene.register('a', [scene.hook('a', (question) => allow(question), { rules })]);
    await scene.enforce();
    await scene.create();
    await must(plane, 'DELETE', `${scene.pods}/a`, { gracePeriodSeconds: 0 });
    const question = scene.asked.find(({ operation }) => operation === 'DELETE');
    t.is(question?.object, null);
    t.is(question?.oldObject?.metadata.name, 'a');
  }),
  about(
    'a configuration has its defaults, and one nobody could act on is refused',
    async (t, scene, plane) => {
      await scene.register('a', [
        scene.hook('a', (question) => allow(question), { timeoutSeconds: undefined }),
      ]);
      const path = `${root}/mutatingwebhookconfigurations`;
      const { webhooks: made } = (
        await plane.client.call<{ webhooks: object[] }>('GET', `${path}/${scene.namespace}-a`)
      ).body;
      t.like(made[0], {
        failurePolicy: 'Fail',
        matchPolicy: 'Equivalent',
        reinvocationPolicy: 'Never',
        timeoutSeconds: 10,
        objectSelector: {},
        rules: [{ scope: '*' }],
      });
      const usual = scene.hook('a', (question) => allow(question));
      for (const more of [
        { sideEffects: 'Some' },
        { timeoutSeconds: 31 },
        { name: 'short' },
        { clientConfig: { url: 'http://127.0.0.1/' } },
      ]) {
        const body = { metadata: { name: 'refused' }, webhooks: [{ ...usual, ...more }] };
        t.is((await ask(plane, 'POST', path, body)).code, 422, JSON.stringify(more));
      }
    },
  ),
];
