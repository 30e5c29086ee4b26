import test from 'ava';
import { textAt, type JsonObject } from '../../../../domain/json.ts';
import { begin, Kube } from '../kube.ts';

const events = ({ api }: Kube): readonly JsonObject[] =>
  [...api.versions('events.k8s.io/events').keys()].flatMap((key) => {
    const event = api.object('events.k8s.io/events', key) ?? {};
    return textAt(event, 'reason') === 'DisruptionNotAllowed' ? [event] : [];
  });

test('a budget that spares no pod is told at the workload after a while, and not again by the next leader', async (t) => {
  const kube = new Kube();
  kube.deploy('cart');
  kube.api.put('policy/poddisruptionbudgets', 'cart', {
    metadata: { generation: 1 },
    spec: { maxUnavailable: 0, selector: { matchLabels: { of: 'cart' } } },
    status: { observedGeneration: 1, disruptionsAllowed: 0 },
  });
  const first = begin(kube, { identity: 'one' });
  await kube.world.pass(5_000);
  kube.instrument();
  await kube.world.pass(240_000);
  t.deepEqual(events(kube), []);
  await kube.world.pass(120_000);
  t.is(events(kube).length, 1);
  t.like(events(kube)[0], { regarding: { kind: 'Deployment', namespace: 'shop', name: 'cart' } });
  await first.stop();

  const second = begin(kube, { identity: 'two' });
  await kube.world.pass(900_000);
  t.true(second.controller.state().isLeader);
  t.is(events(kube).length, 1);
  t.is(events(kube)[0]?.['series'], undefined);
  t.deepEqual(
    second.facts.filter((fact) => fact.type === 'WorkloadKeptWaiting' && fact.isNews),
    [],
  );
  await second.stop();
  t.is(kube.revisions('cart'), 1);
});
