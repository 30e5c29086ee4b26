import type { ExecutionContext } from 'ava';
import { until } from '../../cluster/until.ts';
import type { Plane } from '../stage/plane.ts';
import { furnish, left, setOut, versions, wide } from './theirs.ts';

export async function observes(t: ExecutionContext, plane: Plane): Promise<void> {
  await furnish(t, plane);
  await until(async () => (await versions(plane)).length === 2, { what: 'it runs' });
  const before = await versions(plane);
  const { context, says, text, leave } = await setOut(t, plane);
  await says('Every pod lacks the agent it asks for');
  const announced = text().indexOf('Deployment shop/cart');
  t.true(announced > 0 && announced < text().indexOf('A shop of three services is deployed'));
  t.true(text().includes('  Namespace shop\n'));
  t.false(text().includes('  MutatingWebhookConfiguration otel-retrofit\n'));
  const command = `  kubectl --kubeconfig ${plane.kubeconfig} --context ${context} delete namespace shop otel-retrofit\n`;
  t.true(text().includes(command), text());
  t.regex(text(), /Deployment\/cart +2 +0 of 2 +held: ObserveOnly/);
  t.deepEqual(await left(plane), wide.slice(0, 3));
  t.is(await leave(), 0);
  t.true(text().endsWith('All of it is gone again.\n'), text());
  t.deepEqual(await left(plane), []);
  t.deepEqual(await versions(plane), before);
}

export async function restartsItsShop(t: ExecutionContext, plane: Plane): Promise<void> {
  await furnish(t, plane);
  const { says, text, leave } = await setOut(t, plane, true);
  await says('Every pod has its agent.');
  t.regex(text(), /Deployment\/cart +2 +2 of 2 +current/);
  const { body } = await plane.api.call('GET', wide[3] ?? '');
  t.true(JSON.stringify(body).includes('"values":["shop","otel-retrofit"]'));
  t.is(await leave(), 0);
  t.deepEqual(await left(plane), []);
}

export async function saysWhatTheShopWaitsFor(t: ExecutionContext, plane: Plane): Promise<void> {
  await furnish(t, plane, { lacksImage: true });
  const { says, text, leave } = await setOut(t, plane);
  for (const app of ['stock', 'cart', 'web']) await says(`\n  ${app} waits: ImagePullBackOff`);
  t.is(await leave(), 0);
  t.deepEqual(await left(plane), []);
  const lines = text().split('\n');
  t.is(new Set(lines.filter((line) => line.includes(' waits: '))).size, 3);
  t.is(lines.filter((line) => line.includes(' waits: ')).length, 3);
}
