import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster, Printed } from '../../cluster/cluster.ts';
import { placeOf } from '../tools.ts';

export type HelmTool = 'helm3' | 'helm4';

export interface Release {
  /** Whatever comes of it is an answer. */
  readonly helm: (...words: readonly string[]) => Promise<Printed>;
  /** The path of the chart. */
  readonly chart: string;
}

/** A chart of these templates, which Helm installs into this namespace. */
export async function chartOf(
  cluster: Cluster,
  { tool, namespace }: { readonly tool: HelmTool; readonly namespace: string },
  templates: Readonly<Record<string, string>>,
): Promise<Release> {
  const home = await mkdtemp(join(cluster.directory, `${tool}-`));
  const chart = join(home, 'shop');
  await mkdir(join(chart, 'templates'), { recursive: true });
  await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: shop\nversion: 1.0.0\n');
  await writeFile(join(chart, 'values.yaml'), 'image: shop.example/app:1\n');
  for (const [name, text] of Object.entries(templates))
    await writeFile(join(chart, 'templates', `${name}.yaml`), text);
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig, HOME: home };
  return {
    chart,
    helm: (...words) =>
      new Promise((resolve, reject) => {
        execFile(
          placeOf(tool),
          [...words, '--namespace', namespace],
          { env, maxBuffer: 64 * 1024 * 1024 },
          (error, stdout, stderr) => {
            if (typeof error?.code === 'string') reject(error);
            else resolve({ code: error?.code ?? 0, stdout, stderr });
          },
        );
      }),
  };
}
