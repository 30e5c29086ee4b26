import type { ExecutionContext } from 'ava';
import { annotations as keys } from '../../../crds/names.ts';
import { call, eventually, type Ground } from '../support/ground.ts';
import {
  changeInstrumentation,
  instrument,
  readInstrumentation,
  untilServed,
} from '../support/instrumentations.ts';
import { deploy, podsOf, read, revisionsOf } from '../support/workloads.ts';

const elsewhere = { spec: { exporter: { endpoint: 'http://other.obs:4318' } } };

/**
 * A change of settings is told and restarts nothing, until somebody asks for that. The same content
 * made anew is no change.
 */
export async function aChangeOfSettingsIsTold(
  t: ExecutionContext,
  ground: Ground,
  namespace: string,
): Promise<void> {
  const spot = { kind: 'Deployment', namespace, name: 'cart' } as const;
  await ground.createNamespace(namespace);
  await instrument(ground, namespace);
  await untilServed(ground, namespace);
  await deploy(ground, spot);
  const pods = (count: Readonly<Record<string, number>>) =>
    eventually(`its pods are ${JSON.stringify(count)}`, async () => {
      const { status } = await readInstrumentation(ground, namespace);
      return Object.entries(count).every(([state, many]) => status?.pods?.[state] === many);
    });
  await pods({ current: 2, outdated: 0 });

  const path = `/apis/opentelemetry.io/v1alpha1/namespaces/${namespace}/instrumentations/agents`;
  await call(ground, 'DELETE', path);
  await instrument(ground, namespace);
  await pods({ current: 2, outdated: 0 });
  const before = await read(ground, spot);

  await changeInstrumentation(ground, namespace, elsewhere);
  await pods({ current: 0, outdated: 2 });
  await eventually('a person is told', async () => {
    const { status } = await readInstrumentation(ground, namespace);
    return status?.attention?.some(({ reason }) => reason === 'OutdatedOnly');
  });
  t.deepEqual((await read(ground, spot)).spec, before.spec);

  await changeInstrumentation(ground, namespace, {
    metadata: { annotations: { [keys.restartOutdated]: 'true' } },
  });
  await pods({ current: 2, outdated: 0 });
  t.is((await revisionsOf(ground, spot)).length, 2);
  t.is((await podsOf(ground, spot)).length, 2);
}
