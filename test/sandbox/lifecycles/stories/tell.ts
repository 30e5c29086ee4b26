import type { Api } from '../../../../sandbox/api.ts';
import { until } from '../../../cluster/until.ts';
import { expectCode, openStage, type Plane } from './stage.ts';
import { nameRevisions } from './states.ts';
import { stories, type Story } from './stories.ts';

/** Three nodes that are always there, for DaemonSets; the answer lets them go. */
export async function furnishNodes({ api }: Pick<Plane, 'api'>): Promise<() => void> {
  const names = ['node-a', 'node-b', 'node-c'];
  for (const name of names) {
    const labels = name === 'node-b' ? { place: 'kitchen' } : {};
    await expectCode(api.call('POST', '/api/v1/nodes', { metadata: { name, labels } }), 201);
  }
  const beat = () => Promise.all(names.map((name) => declareReady(api, name)));
  await beat();
  const heart = setInterval(() => void beat(), 5_000);
  for (const name of names) {
    const type = 'application/merge-patch+json';
    const spec = { spec: { taints: null } };
    await expectCode(api.call('PATCH', `/api/v1/nodes/${name}`, spec, { type }), 200);
  }
  return () => clearInterval(heart);
}

async function declareReady(api: Api, name: string): Promise<void> {
  const lastHeartbeatTime = new Date().toISOString().replace(/\.\d+/, '');
  const ready = { type: 'Ready', status: 'True', lastHeartbeatTime };
  const type = 'application/merge-patch+json';
  await api.call(
    'PATCH',
    `/api/v1/nodes/${name}/status`,
    { status: { conditions: [ready] } },
    { type },
  );
}

/** What a workload went through in a story, and which of it was seen when all had come to rest. */
export interface Order {
  readonly states: readonly string[];
  readonly rests: readonly string[];
}

export async function tell(plane: Plane, story: Story, namespace: string): Promise<Order> {
  const { api } = plane;
  await expectCode(api.call('POST', '/api/v1/namespaces', { metadata: { name: namespace } }), 201);
  const account = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
  await until(async () => (await api.call('GET', account)).code === 200, { what: account });
  const stage = await openStage(plane, namespace);
  try {
    await story.tell(stage);
    await stage.rest();
    const states = nameRevisions(stage.order());
    return { states, rests: stage.rests().map((index) => states[index] ?? '') };
  } finally {
    await stage.end();
  }
}

const besides = 5;

/** All stories, some at a time in namespaces of their own, for most of their time is waiting. */
export async function tellAll(plane: Plane, name: string): Promise<ReadonlyMap<string, Order>> {
  const orders = new Map<string, Order>();
  const left = [...stories.entries()];
  const tellNext = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, story] = next;
      orders.set(story.title, await tell(plane, story, `${name}-${index}`));
    }
  };
  await Promise.all(Array.from({ length: besides }, tellNext));
  return orders;
}
