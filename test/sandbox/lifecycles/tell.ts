import type { Api } from '../../../sandbox/api.ts';
import { expectCode, openStage, type Plane } from './stage.ts';
import { nameRevisions } from './states.ts';
import { stories, type Story } from './stories.ts';

/** Three nodes that are always there, for DaemonSets; the answer lets them go. */
export async function furnishNodes({ api }: Plane): Promise<() => void> {
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

export async function tell(plane: Plane, story: Story, namespace: string) {
  const { api } = plane;
  await expectCode(api.call('POST', '/api/v1/namespaces', { metadata: { name: namespace } }), 201);
  const account = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
  while ((await api.call('GET', account)).code !== 200) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const stage = await openStage(plane, namespace);
  try {
    await story.tell(stage);
    await stage.rest();
    return nameRevisions(stage.order());
  } finally {
    await stage.end();
  }
}

/** The stories in several namespaces side by side, for most of their time is waiting. */
export async function tellAll(plane: Plane, only = ''): Promise<Record<string, readonly string[]>> {
  const release = await furnishNodes(plane);
  const orders: Record<string, readonly string[]> = {};
  for (const [index, story] of stories.entries()) {
    if (!story.title.includes(only)) continue;
    orders[story.title] = await tell(plane, story, `story-${index}`);
  }
  release();
  return orders;
}
