import test from 'ava';
import { verdictFindings } from '../../../../domain/diagnose/workload/verdict.ts';
import { inject, type Scene } from '../../../cli/doctor/cluster.ts';
import { cartIn, clusterOf, keysOf } from '../support.ts';

function said(scene: Scene) {
  const cluster = clusterOf(scene);
  return verdictFindings(cartIn(cluster), cluster);
}

test('nothing is said of a workload whose pods have what they asked for, or that asks for nothing', (t) => {
  t.deepEqual(said({}), []);
  t.deepEqual(said({ workloads: [{ annotations: {} }] }), []);
});

test('who holds a workload back is told with the cause behind it', (t) => {
  const found = said({ workloads: [{ pods: 'bare', spec: { paused: true } }] });
  t.deepEqual(keysOf(found), ['Paused', 'WebhookMissed']);
  t.is(found[0]?.remedy, 'Run `kubectl rollout resume deployment/cart -n shop`.');
});

test('a language that is refused beside one that is given is told', (t) => {
  const annotations = {
    [inject('nodejs')]: 'true',
    [inject('java')]: 'nobody',
    'instrumentation.opentelemetry.io/nodejs-container-names': 'app',
    'instrumentation.opentelemetry.io/java-container-names': 'app',
  };
  t.deepEqual(keysOf(said({ workloads: [{ annotations }] })), ['InstrumentationNotFound']);
});

const proposed = (value: string) =>
  said({
    instrumentations: [{ name: 'agents' }, { name: 'servers' }],
    workloads: [{ annotations: { [inject('java')]: value } }],
  })[0]?.remedy;

test('of the names that there are the nearest is proposed', (t) => {
  t.regex(proposed('agent') ?? '', /inject-java: "agents"/);
  t.regex(proposed('elsewhere/servers') ?? '', /inject-java: "servers"/);
  t.regex(proposed('something-else') ?? '', /^Create it, or correct the name/);
});

test('an Instrumentation in an earlier wave is not applied late', (t) => {
  const tracked = { 'argocd.argoproj.io/tracking-id': 'shop:x' };
  const scene = (wave: object) => ({
    instrumentations: [
      {
        metadata: {
          creationTimestamp: '2026-11-21T10:00:00Z',
          annotations: { ...tracked, ...wave },
        },
      },
    ],
    workloads: [{ pods: 'bare' as const, metadata: { annotations: tracked } }],
  });
  t.true(keysOf(said(scene({}))).includes('InstrumentationAppliedLate'));
  const early = scene({ 'argocd.argoproj.io/sync-wave': '-5' });
  t.false(keysOf(said(early)).includes('InstrumentationAppliedLate'));
});
