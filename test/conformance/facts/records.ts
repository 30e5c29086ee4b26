import { ask, core, merge, must, refusal, type Fact } from '../fact.ts';

const lease = (renewTime: string) => ({ metadata: { name: 'a' }, spec: { renewTime } });

/** What the product writes of itself: its lease and its events. */
export const records: readonly Fact[] = [
  {
    title: 'the times of a Lease have exactly six digits, and its holder may be nobody',
    async check(t, plane) {
      const leases = `/apis/coordination.k8s.io/v1/namespaces/${await plane.namespace()}/leases`;
      const code = async (time: string) => (await ask(plane, 'POST', leases, lease(time))).code;
      t.is(await code('2026-01-01T00:00:00.123Z'), 400);
      t.is(await code('2026-01-01T00:00:00Z'), 400);
      t.is(await code('2026-01-01T00:00:00.123000Z'), 201);
      const nobody = { spec: { holderIdentity: '' } };
      const patched = await must(plane, 'PATCH', `${leases}/a`, nobody, merge);
      t.is(patched.metadata.generation, undefined);
      const none = { spec: { leaseDurationSeconds: 0 } };
      t.is((await ask(plane, 'PATCH', `${leases}/a`, none, merge)).code, 422);
    },
  },
  {
    title: 'an Event reads the same under both of its groups, and its series may grow',
    async check(t, plane) {
      const namespace = await plane.namespace();
      const event = {
        metadata: { name: 'web.1' },
        eventTime: '2026-01-01T00:00:00.000000Z',
        reportingController: 'lab.dev/test',
        reportingInstance: 'one',
        action: 'Act',
        reason: 'Because',
        type: 'Normal',
        note: 'hello',
        regarding: { kind: 'Pod', name: 'web', namespace },
      };
      const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
      await must(plane, 'POST', path, event);
      t.like(await must(plane, 'GET', `${core(namespace, 'events')}/web.1`), {
        message: 'hello',
        involvedObject: { name: 'web' },
        reportingComponent: 'lab.dev/test',
      });
      const series = { count: 2, lastObservedTime: '2026-01-01T00:00:00.000000Z' };
      t.like(await must(plane, 'PATCH', `${path}/web.1`, { series }, merge), {
        series: { count: 2 },
      });
      const long = { ...event, metadata: { name: 'web.2' }, note: 'x'.repeat(1_025) };
      t.deepEqual(await refusal(plane, 'POST', path, long), [422, 'Invalid']);
    },
  },
];
