import test from 'ava';
import { annotations as keys } from '../../../../crds/names.ts';
import type { Fact } from '../../../../domain/facts.ts';
import { begin, Kube } from '../kube.ts';

const verdicts = (facts: readonly Fact[]) =>
  facts.flatMap(({ type }) => (/^Workload(?:Behind|Held|Refused|Stuck)$/.test(type) ? [type] : []));

test('how a leader finds the cluster is no news: it counts and logs what begins while it leads', async (t) => {
  const kube = new Kube();
  for (const name of ['cart', 'checkout']) kube.deploy(name);
  kube.annotate('apps/deployments', 'cart', { [keys.remediation]: 'off' });
  kube.annotate('apps/deployments', 'checkout', { [keys.remediation]: 'off' });
  const first = begin(kube, { identity: 'one' });
  await kube.world.pass(5_000);
  kube.instrument();
  await kube.world.pass(60_000);
  t.deepEqual(verdicts(first.facts), ['WorkloadHeld', 'WorkloadHeld']);
  await first.stop();
  const second = begin(kube, { identity: 'two' });
  await kube.world.pass(60_000);
  t.true(second.controller.state().isLeader);
  t.deepEqual(verdicts(second.facts), []);
  await second.stop();
});
