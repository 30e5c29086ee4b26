import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { travel } from '../../../cli/demo/abroad/travel.ts';
import { agentImage } from '../../../cli/demo/stage.ts';
import { startKubelet } from '../../../sandbox/kubelet/kubelet.ts';
import { until } from '../../cluster/until.ts';
import { make, type Plane } from '../stage/plane.ts';

const shopImage = 'docker.io/library/node:24-alpine';

/** A node of theirs, which can run the shop unless it lacks the image, and what runs there already. */
export async function furnish(
  t: ExecutionContext,
  { api, createNamespace }: Plane,
  { lacksImage = false } = {},
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'retrofit-abroad-'));
  const directory = join(folder, 'node');
  await mkdir(directory);
  const images = {
    ...(!lacksImage && { [shopImage]: { directory, command: [process.execPath] } }),
    'theirs/app': { directory, command: ['sleep', '1000'] },
    ...(await agentImage(folder)),
  };
  const kubelet = await startKubelet({ api, images, directory: folder });
  t.teardown(async () => {
    await kubelet.stop();
    await rm(folder, { recursive: true, force: true });
  });
  if ((await api.call('GET', '/api/v1/namespaces/theirs')).code === 200) return;
  await createNamespace('theirs');
  await make(api, deployments, deployment({}));
}

export const deployments = '/apis/apps/v1/namespaces/theirs/deployments';

export const deployment = (annotations: Readonly<Record<string, string>>) => ({
  metadata: { name: Object.keys(annotations).length === 0 ? 'till' : 'asking' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'till' } },
    template: {
      metadata: { labels: { app: 'till' }, annotations },
      spec: { containers: [{ name: 'till', image: 'theirs/app' }] },
    },
  },
});

/** The demo on its way there. */
export async function setOut(t: ExecutionContext, { kubeconfig }: Plane, mayRestart = false) {
  const current = /current-context"?: ?"?(?<name>[\w-]+)/;
  const context = current.exec(await readFile(kubeconfig, 'utf8'))?.groups?.['name'] ?? '';
  const end = new AbortController();
  let text = '';
  const paper = {
    write: (part: string) => (text += part),
    isTerminal: false,
    columns: () => 100,
  };
  const ended = travel(paper, { context, kubeconfig, mayRestart }, end.signal);
  t.teardown(async () => {
    end.abort();
    await ended.catch(() => undefined);
  });
  return {
    context,
    ended,
    text: () => text,
    says: (words: string) =>
      Promise.race([
        until(() => text.includes(words), { what: `it says "${words}"` }),
        ended.then((code) => end.signal.aborted || t.fail(`it ended with ${code}: ${text}`)),
      ]),
    leave: () => {
      end.abort();
      return ended;
    },
  };
}

export const wide = [
  '/api/v1/namespaces/shop',
  '/api/v1/namespaces/otel-retrofit',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/instrumentations.opentelemetry.io',
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/otel-retrofit',
  '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/otel-retrofit',
];

/** Of what a visit brings along, what is there. */
export async function left({ api }: Plane): Promise<readonly string[]> {
  const answers = await Promise.all(wide.map((path) => api.call('GET', path)));
  return wide.filter((_path, index) => answers[index]?.code !== 404);
}

/** What is theirs, and how often it was changed. */
export async function versions({ api }: Plane): Promise<readonly string[]> {
  const kinds = [deployments, '/api/v1/namespaces/theirs/pods'];
  const lists = await Promise.all(kinds.map((path) => api.call('GET', path)));
  return lists.flatMap(({ body }) =>
    (body.items ?? []).map(({ metadata: { name, generation } }) => `${name} ${generation}`),
  );
}
