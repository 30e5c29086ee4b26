import test from 'ava';
import { controllerFindings } from '../../../../domain/diagnose/installation/controller.ts';
import { noon } from '../../../cli/doctor/cluster.ts';
import { clusterOf, keysOf } from '../support.ts';

const lease = 'Lease/otel-retrofit/otel-retrofit-controller';
const renewed = (msAgo: number) => ({
  changed: { [lease]: { spec: { renewTime: new Date(noon - msAgo).toISOString() } } },
});
const now = noon / 1_000;

test('a lease that was renewed a moment ago is held', (t) => {
  t.deepEqual(controllerFindings(clusterOf(renewed(2_000), { now })), []);
});

test('a lease that was renewed an hour ago is held by nobody', (t) => {
  t.deepEqual(keysOf(controllerFindings(clusterOf(renewed(3_600_000), { now }))), ['NobodyLeads']);
});

test('a controller that renews its lease runs, even where no Deployment of it is seen', (t) => {
  const without = ['Deployment/otel-retrofit/otel-retrofit-controller'];
  const running = clusterOf({ ...renewed(2_000), without }, { now });
  t.deepEqual(controllerFindings(running), []);
  const gone = clusterOf({ ...renewed(3_600_000), without }, { now });
  t.deepEqual(keysOf(controllerFindings(gone)), ['ControllerMissing']);
});

test('of a dump it is not known how old it is, so a lease counts by its holder', (t) => {
  t.deepEqual(controllerFindings(clusterOf(renewed(3_600_000))), []);
});

test('nothing is said of a namespace into which nobody looked', (t) => {
  const names = { home: 'elsewhere', webhookConfiguration: 'otel-retrofit', lease: 'x' };
  const { evidence } = clusterOf({});
  t.deepEqual(controllerFindings(clusterOf({}, { names: { ...evidence.names, ...names } })), []);
});
