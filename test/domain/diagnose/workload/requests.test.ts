import test from 'ava';
import {
  namespaceFindings,
  requestFindings,
} from '../../../../domain/diagnose/workload/requests.ts';
import { inject, type WorkloadScene } from '../../../cli/doctor/cluster.ts';
import { cartIn, clusterOf, keysOf } from '../support.ts';

const said = (workload: WorkloadScene) =>
  requestFindings(cartIn(clusterOf({ workloads: [workload] })));

test('an annotation on the workload does no harm where the pod template says the same', (t) => {
  t.deepEqual(said({ metadata: { annotations: { [inject('nodejs')]: 'true' } } }), []);
});

test('an opt-out on the workload has no effect either, and that is told', (t) => {
  const namespaces = { shop: { annotations: { [inject('nodejs')]: 'true' } } };
  const workloads = [
    { annotations: {}, metadata: { annotations: { [inject('nodejs')]: 'false' } } },
  ];
  const found = requestFindings(cartIn(clusterOf({ namespaces, workloads })));
  t.deepEqual(keysOf(found), ['AnnotationMisplaced']);
});

const prefix = 'instrumentation.opentelemetry.io/';

const table: readonly (readonly [key: string, advice: string])[] = [
  [inject('js'), `Write ${inject('nodejs')}.`],
  [inject('py'), `Write ${inject('python')}.`],
  [inject('dotnte'), `Write ${inject('dotnet')}.`],
  [inject('httpd'), `Write ${inject('apache-httpd')}.`],
  [`${prefix}container-name`, `Write ${prefix}container-names.`],
  ['opentelemetry.io/inject-java', `Write ${inject('java')}.`],
  ['instrumentation.opentelemetry.org/inject-java', `Write ${inject('java')}.`],
];

for (const [key, advice] of table) {
  test(`${key} is no annotation, and it is told which one is meant`, (t) => {
    t.is(said({ annotations: { [key]: 'true' } })[0]?.remedy, advice);
  });
}

test('annotations of others are none of our business', (t) => {
  const annotations = {
    'sidecar.opentelemetry.io/inject': 'true',
    'linkerd.io/inject': 'enabled',
    'prometheus.io/scrape': 'true',
    'resource.opentelemetry.io/team': 'shop',
    'otel-retrofit.dev/restart': 'x',
  };
  t.deepEqual(said({ annotations }), []);
});

test('an Instrumentation may be called "on"', (t) => {
  const workloads = [{ annotations: { [inject('java')]: 'on' } }];
  const instrumentations = [{ name: 'on' }];
  t.deepEqual(requestFindings(cartIn(clusterOf({ workloads, instrumentations }))), []);
});

test('what a namespace says wrongly concerns all that is in it', (t) => {
  const namespaces = { shop: { annotations: { [inject('node')]: 'true' } } };
  const [found] = namespaceFindings(clusterOf({ namespaces }));
  t.is(found?.about, 'Namespace/shop');
  t.deepEqual(found?.workloads, ['Deployment/shop/cart']);
});
