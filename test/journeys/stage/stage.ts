import { mkdir, mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { images as agents } from '../../../config/images.ts';
import type { KubeObject } from '../../../sandbox/api.ts';
import { startKubelet, type KubeletOptions } from '../../../sandbox/kubelet/kubelet.ts';
import type { Pod } from '../../../sandbox/kubelet/pod/shapes.ts';
import { make, type Plane } from './plane.ts';

export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** A plane with two nodes that run pods as processes, and images for them. */
export interface Stage extends Plane {
  readonly addressOf: (pod: PodName, port?: number) => string | undefined;
  readonly images: NonNullable<KubeletOptions['images']>;
  readonly podsIn: (namespace: string) => Promise<readonly Pod[]>;
  readonly make: (path: string, body: object) => Promise<void>;
  /** Ends the nodes, which must leave nothing; the plane goes on. */
  readonly leave: () => Promise<void>;
}

/** Answers on PORT with what it was given; at SIGTERM it finishes what comes meanwhile, and goes. */
const server = `
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
const { PORT, VERSION, POD_NAME, FILE } = process.env;
const text = FILE === undefined ? '' : readFileSync(FILE, 'utf8');
const server = createServer((request, response) => {
  response.setHeader('connection', 'close');
  response.end(JSON.stringify({ version: VERSION, pod: POD_NAME, text, agent: globalThis.agent ?? null }));
});
server.listen(Number(PORT), '127.0.0.1', () => console.log('listening', POD_NAME));
process.once('SIGTERM', () => {
  console.log('leaving', POD_NAME);
  setTimeout(() => server.close(), 500);
});
`;

/** Loaded before the program: it tells the endpoint as whom it would send telemetry. */
const agent = `
const { request } = require('node:http');
const { OTEL_SERVICE_NAME: service, OTEL_RESOURCE_ATTRIBUTES: attributes } = process.env;
const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = process.env;
globalThis.agent = service;
const sent = request(endpoint + '/v1/traces', { method: 'POST' }, (response) => response.resume());
sent.on('error', () => {});
sent.end(JSON.stringify({ service, attributes }));
`;

const shell = { command: ['sh'], files: { 'empty/none': '' } };
const files = {
  server: { command: ['node', '/app/server.mjs'], files: { 'app/server.mjs': server } },
  shell,
  agent: {
    command: ['sh'],
    files: {
      'autoinstrumentation/register.cjs': "require('./deep/own.cjs');",
      'autoinstrumentation/deep/own.cjs': 'globalThis.agent = process.env.AGENT_TEXT;',
    },
  },
  [agents.nodejs]: {
    command: ['sh'],
    files: {
      'autoinstrumentation/autoinstrumentation.js': agent,
      // Else a package.json above the folder for temporary files says what kind of module it is.
      'autoinstrumentation/package.json': '{ "type": "commonjs" }',
    },
  },
};

export async function writeImages(directory: string): Promise<Stage['images']> {
  const written = Object.entries(files).map(async ([name, image], index) => {
    const place = join(directory, `image-${index}`);
    for (const [path, text] of Object.entries(image.files)) {
      await mkdir(join(place, path, '..'), { recursive: true });
      await writeFile(join(place, path), text);
    }
    return [name, { directory: place, command: image.command }] as const;
  });
  return Object.fromEntries(await Promise.all(written));
}

export async function setStage(
  plane: Plane,
  options: Pick<KubeletOptions, 'rooms'> = {},
): Promise<Stage> {
  const { api } = plane;
  const directory = await mkdtemp(join(tmpdir(), 'retrofit-stage-'));
  const images = await writeImages(join(directory, 'images'));
  const pods = join(directory, 'pods');
  await mkdir(pods);
  const start = (node: string) =>
    startKubelet({ api, images, directory: pods, backOffMs: 100, node, ...options });
  const kubelets = await Promise.all([start('node-1'), start('node-2')]);
  return {
    ...plane,
    images,
    addressOf: (pod, port = 8080) =>
      kubelets.map((kubelet) => kubelet.addressOf(pod, port)).find(Boolean),
    async podsIn(namespace) {
      const path = `/api/v1/namespaces/${namespace}/pods`;
      return (await api.call<KubeObject & { items: Pod[] }>('GET', path)).body.items;
    },
    make: (path, body) => make(api, path, body),
    async leave() {
      await Promise.all(kubelets.map((kubelet) => kubelet.stop()));
      // Fails if there is anything left in it.
      await rmdir(pods);
      await rm(directory, { recursive: true });
    },
  };
}

export const isReady = ({ metadata, status }: Pod) =>
  metadata.deletionTimestamp === undefined &&
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;

/** A pod of the HTTP server, asked for its readiness every second. */
export const serverTemplate = (app: string, version: string) => ({
  metadata: { labels: { app } },
  spec: {
    terminationGracePeriodSeconds: 5,
    containers: [
      {
        name: 'server',
        image: 'server',
        ports: [{ name: 'http', containerPort: 8080 }],
        env: [
          { name: 'PORT', value: '8080' },
          { name: 'VERSION', value: version },
          { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        ],
        readinessProbe: { httpGet: { port: 'http', path: '/' }, periodSeconds: 1 },
      },
    ],
  },
});
