import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { parse } from 'yaml';
import { readSettings } from '../../../config/settings.ts';
import { run } from '../../../controller/run.ts';
import type { Detail, Overview } from '../../../controller/page/wire.ts';
import { annotations } from '../../../crds/names.ts';
import { startSandbox } from '../../../sandbox/start.ts';
import { createClient, type Client } from '../../cluster/plane/client.ts';
import { until } from '../../cluster/until.ts';

const root = join(import.meta.dirname, '../../..');

/** A cluster in which nobody has installed more than the definition. */
async function aSandbox(t: ExecutionContext) {
  const sandbox = await startSandbox();
  const api = createClient(sandbox);
  const directory = await mkdtemp(join(tmpdir(), 'retrofit-page-'));
  t.teardown(async () => {
    await api.close();
    await sandbox.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const kubeconfig = join(directory, 'kubeconfig');
  await writeFile(kubeconfig, sandbox.kubeconfig);
  const definition = parse(
    await readFile(join(root, 'crds/instrumentations.yaml'), 'utf8'),
  ) as object;
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await make(api, definitions, definition);
  for (const name of ['otel-retrofit', 'shop'])
    await make(api, '/api/v1/namespaces', { metadata: { name } });
  return { api, kubeconfig };
}

async function make(api: Client, path: string, body: object): Promise<void> {
  const { code, body: answer } = await api.call('POST', path, body);
  if (code >= 300) throw new Error(`POST ${path}: ${code} ${JSON.stringify(answer)}`);
}

/** The program as a controller, until the test ends; gives the port of each thing that it opens. */
async function aController(t: ExecutionContext, kubeconfig: string, more: readonly string[]) {
  const args = ['--role', 'controller', '--kubeconfig', kubeconfig, '--bind-address', '127.0.0.1'];
  const ports = ['--probe-port', '0', '--metrics-port', '0', '--stop-delay-ms', '0', ...more];
  const reading = readSettings([...args, ...ports], {}, undefined);
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  const ending = new AbortController();
  let log = '';
  const output = new Writable({
    write: (chunk: Buffer, _coding, done) => {
      log += chunk.toString();
      done();
    },
  });
  const { settings } = reading;
  const { signal } = ending;
  const options = { settings, version: '0', environment: {}, isTerminal: false, signal, output };
  const ended = run({ ...options, onSwitch: () => undefined });
  t.teardown(async () => {
    ending.abort();
    await ended;
  });
  const serving = await until(
    () => Promise.resolve(log.split('\n').find((line) => line.includes('"msg":"serving"'))),
    { what: 'it serves' },
  );
  return JSON.parse(serving) as { readonly pagePort?: number };
}

test('the controller shows what its loop knows, where a page is asked for', async (t) => {
  const { api, kubeconfig } = await aSandbox(t);
  const labels = { app: 'cart' };
  await make(api, '/apis/apps/v1/namespaces/shop/deployments', {
    metadata: { name: 'cart' },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { [annotations.inject('java')]: 'true' } },
        spec: { containers: [{ name: 'app', image: 'cart:1' }] },
      },
    },
  });
  const { pagePort } = await aController(t, kubeconfig, ['--page-port', '0']);
  const read = async <T>(path: string) =>
    (await (await fetch(`http://127.0.0.1:${pagePort}${path}`)).json()) as T;
  const { head, rows } = await until(
    async () => {
      const overview = await read<Overview>('/state.json');
      return overview.rows.length > 0 && overview;
    },
    { what: 'the first round is over' },
  );
  t.like(head, { role: 'leading', breakers: [] });
  t.like(rows[0], {
    key: 'Deployment/shop/cart',
    verdict: 'refused',
    reason: 'NoInstrumentation',
    pods: { refused: 2 },
  });
  const detail = await read<Detail>('/workload.json?key=Deployment/shop/cart');
  t.regex(detail.remedy ?? '', /Create an Instrumentation/);
  t.deepEqual(
    detail.pods.map(({ state, reason }) => [state, reason]),
    [
      ['refused', 'NoInstrumentation'],
      ['refused', 'NoInstrumentation'],
    ],
  );
});

test('where nobody asks for a page there is none', async (t) => {
  const { kubeconfig } = await aSandbox(t);
  const { pagePort } = await aController(t, kubeconfig, []);
  t.is(pagePort, undefined);
});
