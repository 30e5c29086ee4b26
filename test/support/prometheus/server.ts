import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import { parse, stringify } from 'yaml';
import { findTool } from './tool.ts';
import { rulesFile } from './rules.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { freePorts, type Keeper, type Program } from '../../cluster/plane/programs.ts';
import { until } from '../../cluster/until.ts';
import { hurried } from './hurry.ts';

/** An alert that is on, pending ones included. */
export interface Alert {
  readonly state: 'pending' | 'firing';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A real one, which scrapes us and the API server as it would in a cluster, only more often. */
export interface Prometheus extends Program {
  /** What is scraped from now on, by the pod that a cluster would name. */
  scrape(targets: Readonly<Record<string, number>>): Promise<void>;
  alerts(): Promise<readonly Alert[]>;
  query(expr: string): Promise<readonly Sample[]>;
}

export async function startPrometheus(cluster: Cluster, keeper: Keeper): Promise<Prometheus> {
  const directory = join(cluster.directory, 'prometheus');
  await mkdir(directory, { recursive: true });
  const file = (name: string) => join(directory, name);
  const scrape = async (targets: Readonly<Record<string, number>>) => {
    const found = Object.entries(targets).map(([pod, port]) => ({
      targets: [`127.0.0.1:${port}`],
      labels: { pod, namespace: 'otel-retrofit' },
    }));
    // Read whenever it changes, and must not be seen half written.
    await writeFile(file('targets.new'), JSON.stringify(found));
    await rename(file('targets.new'), file('targets.json'));
  };
  const tool = findTool('prometheus');
  if (tool === undefined) throw new Error(remedy);
  await scrape({});
  await writeFile(file('alerts.yaml'), hurried(await readFile(rulesFile, 'utf8')));
  await writeFile(file('prometheus.yaml'), stringify(await configuration(cluster, file)));
  const [port = 0] = await freePorts(1);
  const program = keeper.run('prometheus', tool, [
    `--config.file=${file('prometheus.yaml')}`,
    `--storage.tsdb.path=${file('data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ]);
  const ask = async <T>(path: string) => {
    const { body } = await request(`http://127.0.0.1:${port}/api/v1/${path}`);
    const answer = (await body.json()) as Answer<T>;
    if (answer.status === 'success') return answer.data;
    throw new Error(`${path}: ${answer.error}`);
  };
  await until(async () => (await ask('status/buildinfo')) !== undefined, {
    what: 'Prometheus answers',
  });
  return {
    ...program,
    scrape,
    alerts: async () => (await ask<{ readonly alerts: readonly Alert[] }>('alerts')).alerts,
    query: async (expr) => {
      const { result } = await ask<{ readonly result: readonly Vector[] }>(
        `query?query=${encodeURIComponent(expr)}`,
      );
      return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
  };
}

const remedy =
  'No Prometheus to test with: install the package of that name, or set RETROFIT_PROMETHEUS to its program.';

interface Vector {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [at: number, value: string];
}

type Answer<T> =
  | { readonly status: 'success'; readonly data: T }
  | { readonly status: 'error'; readonly error: string };

interface Kubeconfig {
  readonly users: readonly {
    readonly user: Readonly<Record<'client-certificate-data' | 'client-key-data', string>>;
  }[];
}

const decoded = (text = '') => Buffer.from(text, 'base64');

/** Signed in as whom every cluster lets read metrics, and nothing else. */
async function configuration(cluster: Cluster, file: (name: string) => string): Promise<object> {
  const { kubeconfig } = await cluster.signIn({
    user: 'prometheus',
    groups: ['system:monitoring'],
  });
  const { users } = parse(await readFile(kubeconfig, 'utf8')) as Kubeconfig;
  const { user } = users[0] ?? {};
  await writeFile(file('ca.crt'), cluster.caPem);
  await writeFile(file('client.crt'), decoded(user?.['client-certificate-data']));
  await writeFile(file('client.key'), decoded(user?.['client-key-data']));
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: [file('alerts.yaml')],
    scrape_configs: [
      {
        job_name: 'otel-retrofit',
        honor_labels: true,
        file_sd_configs: [{ files: [file('targets.json')], refresh_interval: '1s' }],
      },
      {
        job_name: 'apiserver',
        scrape_interval: '2s',
        scrape_timeout: '2s',
        scheme: 'https',
        tls_config: {
          ca_file: file('ca.crt'),
          cert_file: file('client.crt'),
          key_file: file('client.key'),
        },
        static_configs: [{ targets: [new URL(cluster.server).host] }],
        metric_relabel_configs: [
          {
            source_labels: ['__name__'],
            regex: 'apiserver_admission_webhook_.*|apiserver_request_total',
            action: 'keep',
          },
        ],
      },
    ],
  };
}
