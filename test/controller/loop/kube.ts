import { readSettings, type Settings } from '../../../config/settings.ts';
import { annotations as keys, marks } from '../../../crds/names.ts';
import { createClient } from '../../../controller/kube/client.ts';
import type { Call } from '../../../controller/kube/transport.ts';
import { createCaches, type Caches } from '../../../controller/loop/caches.ts';
import { createServerClock } from '../../../controller/loop/clock.ts';
import { Controller } from '../../../controller/loop/role.ts';
import { createBook } from '../../../controller/surroundings/book.ts';
import { readInstrumentation } from '../../../domain/injection/instrumentation/read.ts';
import { admit } from '../../../domain/injection/admit.ts';
import type { Fact } from '../../../domain/facts.ts';
import { objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import type { Limits } from '../../../domain/restart/judge/reading.ts';
import type { Budget } from '../../../domain/restart/plan.ts';
import { FakeApi, json, type Reply, type Request } from '../../support/faults/api.ts';
import { seededDice } from '../../support/faults/settle.ts';
import { Machine, simulatedTransport, World } from '../../support/faults/simulation.ts';
import { wide } from '../../domain/restart/plan/build.ts';

const home = 'otel-retrofit';
const nothing = { annotations: {}, labels: {} };

function settingsOf(args: readonly string[]): Settings {
  const reading = readSettings(['--warm-up-seconds', '0', ...args], {}, undefined);
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  return reading.settings;
}

/** As the operator leaves it in a pod. */
const operators = {
  initContainers: [{ name: 'opentelemetry-auto-instrumentation-java', image: 'java:1' }],
} as const;

const startOfTime = 1_700_000_000_000;

export interface Options {
  /** Whether the webhook is there when pods are made. */
  readonly injects?: () => boolean;
  /** Whether it answers the probe. */
  readonly answers?: () => boolean;
  /** Whether the pods that are there were given their agent by the OpenTelemetry Operator. */
  readonly isAdopted?: boolean;
  /** Says something else than the server would, or loses the answer after it was given. */
  readonly meddle?: (request: Request) => Reply | undefined;
}

/**
 * As much of Kubernetes as a restart needs: a new template becomes a revision, and its pods replace
 * the old ones a moment later. Whether that is how it is is shown by the journeys on a real one.
 */
export class Kube {
  readonly world = new World();
  readonly api = new FakeApi();
  settings: Settings = settingsOf([]);
  readonly #options: Options;
  #book = createBook(this.settings);
  #made = 0;

  constructor(options: Options = {}) {
    this.#options = options;
    for (const name of [home, 'shop']) this.#putNamespace(name);
  }

  /** Another release of ours, in both roles. */
  upgrade(...args: readonly string[]): void {
    this.settings = settingsOf(args);
    this.#book = createBook(this.settings);
    for (const name of [home, 'shop']) this.#book.putNamespace(name, nothing);
    for (const key of this.api.versions('opentelemetry.io/instrumentations').keys()) {
      const stored = this.api.object('opentelemetry.io/instrumentations', key);
      this.#book.putInstrumentation(key, readInstrumentation(stored));
    }
  }

  /** What every machine here takes for the time. */
  get wall(): number {
    return startOfTime + this.world.now;
  }

  instrument(name = 'main'): void {
    const rest = { spec: { exporter: { endpoint: 'http://otel.obs:4318' } } };
    const stored = this.api.put('opentelemetry.io/instrumentations', name, {
      ...rest,
      metadata: { generation: 1, creationTimestamp: this.#time() },
    });
    this.#book.putInstrumentation(`shop/${name}`, readInstrumentation(stored));
  }

  /** One that has been there for days; its pod template may hold more. */
  deploy(name: string, more: JsonObject = {}): void {
    const annotations = { [keys.inject('java')]: 'main' };
    const probe = { readinessProbe: { httpGet: { path: '/', port: 80 } } };
    const template = {
      metadata: { labels: { of: name }, annotations },
      spec: { containers: [{ name: 'app', image: 'cart:1', ...probe }], ...more },
    };
    const created = new Date(this.wall - 86_400_000).toISOString();
    const metadata = { generation: 1, creationTimestamp: created, labels: { of: name } };
    this.api.put('apps/deployments', name, { metadata, spec: { replicas: 2, template } });
    this.#roll(name, created, false);
  }

  /** Its pods are lost, and others take their places now. */
  remake(name: string): void {
    this.#roll(name, this.#time(), true);
  }

  /** What people write on things. */
  annotate(collection: string, key: string, annotations: JsonObject): void {
    const path =
      collection === '/namespaces'
        ? `/api/v1/namespaces/${key}`
        : `/apis/${collection.split('/')[0]}/v1/namespaces/shop/${collection.split('/')[1]}/${key}`;
    this.api.answer({ method: 'PATCH', path, body: JSON.stringify({ metadata: { annotations } }) });
  }

  marker(name: string): string | undefined {
    return textAt(annotationsOf(this.#template(name)), marks.restart);
  }

  revisions(name: string): number {
    return [...this.api.versions('apps/replicasets').keys()].filter((key) =>
      key.startsWith(`shop/${name}-`),
    ).length;
  }

  stamped(name: string): number {
    return this.#podsOf(name).filter((pod) => textAt(annotationsOf(pod), marks.injected)).length;
  }

  /** What the API server does with a request, and what the controllers of the cluster make of it. */
  answer(request: Request): Reply {
    const { method, path, body = '{}' } = request;
    if (method === 'POST' && path.includes('/pods?'))
      return this.#probe(JSON.parse(body) as JsonObject);
    const meddled = this.#options.meddle?.(request);
    if (meddled) return meddled;
    const [, name = ''] = /\/deployments\/([^/?]+)/.exec(path) ?? [];
    const before = name === '' ? undefined : this.marker(name);
    const reply = this.api.answer(request);
    if (name !== '' && this.marker(name) !== before) {
      const generation = Number(this.#metadata(name)['generation']) + 1;
      this.api.put('apps/deployments', name, { metadata: { generation } });
      this.world.at(this.world.now + 40, () => this.#roll(name, this.#time(), true));
    }
    return reply;
  }

  #probe(pod: JsonObject): Reply {
    const metadata = objectAt(pod, 'metadata') ?? {};
    const nonce = textAt(objectAt(metadata, 'annotations') ?? {}, marks.probe);
    const isThere = this.#options.answers?.() ?? true;
    const said = isThere ? `${nonce}.${this.#book.fingerprint()}` : nonce;
    const annotations = { [marks.probe]: said ?? '' };
    return json(201, { ...pod, metadata: { ...metadata, annotations } });
  }

  #roll(name: string, created: string, isWatched: boolean): void {
    const old = this.#podsOf(name);
    const hash = `h${(this.#made += 1)}`;
    const revision = `${name}-${hash}`;
    const uid = textIn(this.#metadata(name), 'uid');
    const template = this.#template(name);
    const owner = { kind: 'Deployment', name, uid, controller: true };
    const labels = { 'pod-template-hash': hash, of: name };
    const set = this.api.put('apps/replicasets', revision, {
      metadata: {
        creationTimestamp: created,
        labels,
        annotations: { 'deployment.kubernetes.io/revision': String(this.#made) },
        ownerReferences: [owner],
      },
      spec: {
        replicas: 2,
        template: { ...template, metadata: { ...objectAt(template, 'metadata'), labels } },
      },
      status: { replicas: 2, readyReplicas: 2, availableReplicas: 2 },
    });
    for (const ordinal of [1, 2])
      this.#makePod(set.metadata, ordinal, { template, isWatched, created });
    for (const pod of old) {
      const gone = textIn(objectAt(pod, 'metadata') ?? {}, 'name');
      this.api.remove('/pods', `shop/${gone}`);
    }
    const { generation } = this.#metadata(name);
    this.api.put('apps/deployments', name, {
      status: {
        observedGeneration: generation ?? 1,
        replicas: 2,
        updatedReplicas: 2,
        readyReplicas: 2,
        availableReplicas: 2,
      },
    });
  }

  #makePod(
    set: JsonObject,
    ordinal: number,
    made: { readonly template: JsonObject; readonly isWatched: boolean; readonly created: string },
  ): void {
    const name = `${textIn(set, 'name')}-${ordinal}`;
    const isInjected = made.isWatched && (this.#options.injects?.() ?? true);
    const admission = admit(made.template, this.#book.worldOf('shop'));
    const adopted = {
      ...made.template,
      spec: { ...objectAt(made.template, 'spec'), ...operators },
    };
    const bare = this.#options.isAdopted && !made.isWatched ? adopted : made.template;
    const pod = isInjected && admission.kind === 'injected' ? admission.pod : bare;
    const owner = {
      kind: 'ReplicaSet',
      name: set['name'] ?? '',
      uid: set['uid'] ?? '',
      controller: true,
    };
    this.api.put('/pods', name, {
      ...pod,
      metadata: {
        ...objectAt(pod, 'metadata'),
        labels: objectAt(set, 'labels') ?? {},
        creationTimestamp: made.created,
        ownerReferences: [owner],
      },
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: made.created }],
        containerStatuses: [
          {
            name: 'app',
            ready: true,
            restartCount: 0,
            state: { running: { startedAt: made.created } },
          },
        ],
      },
    });
  }

  #putNamespace(name: string): void {
    const body = JSON.stringify({ metadata: { name, annotations: {} } });
    this.api.answer({ method: 'POST', path: '/api/v1/namespaces', body });
    this.#book.putNamespace(name, nothing);
  }

  readonly #metadata = (name: string): JsonObject =>
    objectAt(this.api.object('apps/deployments', `shop/${name}`) ?? {}, 'metadata') ?? {};

  readonly #template = (name: string): JsonObject => {
    const found = this.api.object('apps/deployments', `shop/${name}`) ?? {};
    return objectAt(objectAt(found, 'spec') ?? {}, 'template') ?? {};
  };

  readonly #podsOf = (name: string): readonly JsonObject[] =>
    [...this.api.versions('/pods').keys()]
      .filter((key) => key.startsWith(`shop/${name}-`))
      .map((key) => this.api.object('/pods', key) ?? {});

  readonly #time = () => new Date(Math.floor(this.wall / 1_000) * 1_000).toISOString();
}

const annotationsOf = (object: JsonObject): JsonObject =>
  objectAt(objectAt(object, 'metadata') ?? {}, 'annotations') ?? {};

const isNoRead = ({ verb }: Call) => verb !== 'watch' && verb !== 'list';

const textIn = (object: JsonObject, key: string) => textAt(object, key) ?? '';

/** When the power goes: at which of its calls, before the server has heard of it or after. */
export interface Death {
  readonly at: number;
  readonly isHeard: boolean;
}

export interface Running {
  readonly caches: Caches;
  readonly controller: Controller;
  readonly facts: readonly Fact[];
  /** Calls it has made that are no watches. */
  readonly calls: () => number;
  readonly isDead: () => boolean;
  readonly stop: () => Promise<void>;
}

export interface Begin {
  readonly identity: string;
  readonly death?: Death;
  readonly budget?: Partial<Budget & Limits>;
  readonly leaseName?: string;
}

/** A controller on a machine of its own. */
export function begin(kube: Kube, { identity, death, budget, leaseName }: Begin): Running {
  const machine = new Machine(kube.world, startOfTime);
  let calls = 0;
  let isDead = false;
  const transport = simulatedTransport(machine, kube.api, {
    out: (call) => {
      if (isDead) return undefined;
      if (isNoRead(call)) calls += 1;
      if (calls !== death?.at) return 2;
      isDead = true;
      return death.isHeard ? 2 : undefined;
    },
    back: () => (isDead ? undefined : 2),
    reply: (request) => kube.answer(request),
  });
  const client = createClient(transport, {
    time: machine,
    dice: seededDice(5),
    flow: { perSecond: 1_000, burst: 1_000, waiting: 1_000 },
  });
  const facts: Fact[] = [];
  const caches = createCaches({
    client,
    defaults: kube.settings,
    onMark: (workload) => controller.mark(workload),
    onWords: () => controller.review(),
    onDefinition: () => controller.suspectDefinition(),
    listener: { onState: () => undefined, onFault: () => undefined },
    time: machine,
    dice: seededDice(7),
  });
  let nonces = 0;
  const controller: Controller = new Controller({
    settings: { ...kube.settings, ...(leaseName ? { leaseName } : {}) },
    budget: { ...wide, settleMissingSeconds: 0, soakSeconds: 2, proveSeconds: 5, ...budget },
    client,
    caches,
    clock: createServerClock(machine),
    record: (fact) => {
      facts.push(fact);
      controller.hear(fact);
    },
    identity,
    nonce: () => `n${(nonces += 1)}`,
    time: machine,
    dice: seededDice(11),
  });
  const ending = new AbortController();
  const reading = new AbortController();
  const watching = caches.run(reading.signal);
  const running = controller.run(ending.signal);
  return {
    caches,
    controller,
    facts,
    calls: () => calls,
    isDead: () => isDead,
    stop: async () => {
      ending.abort();
      await kube.world.pass(20_000);
      await running;
      reading.abort();
      await kube.world.pass(1_000);
      await watching;
    },
  };
}
