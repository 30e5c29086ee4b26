import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cluster } from '../../cluster/cluster.ts';
import { archive, type Files } from './archive.ts';

/** What Flux takes for a Git repository that it has fetched. */
export interface Repository {
  /** Makes these files all there is in the newest commit, and returns its revision. */
  readonly commit: (files: Files) => Promise<string>;
  readonly close: () => Promise<void>;
}

const sources = '/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories';

/**
 * Stands in for Flux's source-controller, which packs what it has fetched, serves it over HTTP, and
 * says so in the status of the source. A commit is there at once.
 */
export async function openRepository(cluster: Cluster, name: string): Promise<Repository> {
  const archives = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const found = archives.get(request.url ?? '');
    response.writeHead(found === undefined ? 404 : 200).end(found);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const spec = { interval: '1h', url: 'https://git.example/cluster.git', ref: { branch: 'main' } };
  await expect(
    201,
    cluster.adminClient.call('POST', sources, kindOf({ metadata: { name }, spec })),
  );
  let count = 0;
  return {
    async commit(files) {
      const packed = archive(files);
      const sha = createHash('sha1')
        .update(`${(count += 1)}`)
        .update(packed)
        .digest('hex');
      const path = `/${name}/${sha}.tar.gz`;
      archives.set(path, packed);
      const revision = `main@sha1:${sha}`;
      const artifact = {
        path,
        url: `http://127.0.0.1:${port}${path}`,
        revision,
        digest: `sha256:${createHash('sha256').update(packed).digest('hex')}`,
        lastUpdateTime: now(),
        size: packed.length,
      };
      await publish(cluster, `${sources}/${name}/status`, artifact);
      return revision;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const kindOf = (rest: object) => ({
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  ...rest,
});

const now = () => `${new Date().toISOString().slice(0, 19)}Z`;

async function publish({ adminClient }: Cluster, path: string, artifact: object): Promise<void> {
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'Succeeded',
    message: 'stored artifact',
    observedGeneration: 1,
    lastTransitionTime: now(),
  };
  const status = { observedGeneration: 1, conditions: [ready], artifact };
  const type = 'application/merge-patch+json';
  await expect(200, adminClient.call('PATCH', path, { status }, { type }));
}

async function expect(
  code: number,
  answer: Promise<{ readonly code: number; readonly body: unknown }>,
) {
  const given = await answer;
  if (given.code !== code) throw new Error(JSON.stringify(given.body));
}
