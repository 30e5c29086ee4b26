import test from 'ava';
import { instrumentationFindings } from '../../../domain/diagnose/instrumentations.ts';
import { inject } from '../../cli/doctor/cluster.ts';
import { clusterOf, keysOf } from './support.ts';

const tls = (members: Record<string, string>) => ({
  spec: { exporter: { endpoint: 'https://demo-collector.observability.svc:4318', tls: members } },
});

const secret = (namespace: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'tls', namespace },
  data: { 'ca.crt': '' },
});

test('certificates are looked for beside the pods, not beside the Instrumentation', (t) => {
  const instrumentations = [tls({ secretName: 'tls', ca_file: 'ca.crt' })];
  const there = clusterOf({ instrumentations, more: [secret('shop')] });
  t.deepEqual(instrumentationFindings(there), []);
  const elsewhere = clusterOf({ instrumentations, more: [secret('observability')] });
  t.deepEqual(keysOf(instrumentationFindings(elsewhere)), ['TlsSourceMissing']);
});

test('whoever lacks a Secret is told so, and not who has it', (t) => {
  const instrumentations = [tls({ secretName: 'tls', ca_file: 'ca.crt' })];
  const annotations = { [inject('nodejs')]: 'shop/agents' };
  const workloads = [{}, { name: 'web', namespace: 'default', annotations }];
  const [one, ...others] = instrumentationFindings(
    clusterOf({ instrumentations, workloads, more: [secret('shop')] }),
  );
  t.is(one?.about, 'Secret/default/tls');
  t.deepEqual(one?.workloads, ['Deployment/default/web']);
  t.deepEqual(others, []);
});

test('nothing is said of Secrets that nobody looked at', (t) => {
  const instrumentations = [tls({ secretName: 'tls', ca_file: 'ca.crt' })];
  t.deepEqual(instrumentationFindings(clusterOf({ instrumentations })), []);
});

const withAuthority = (file: string) =>
  instrumentationFindings(
    clusterOf({
      instrumentations: [tls({ secretName: 'tls', ca_file: file })],
      more: [secret('shop')],
    }),
  );

test('a path is no key, and a key that is not there is named', (t) => {
  t.deepEqual(withAuthority('/etc/ssl/ca.pem'), []);
  t.is(withAuthority('ca.pem')[0]?.detail, 'ca.pem, of Instrumentation/shop/agents');
});

test('what works and may stay is no finding', (t) => {
  const instrumentations = [{ spec: { java: { volumeLimitSize: '300Mi' } } }];
  t.deepEqual(instrumentationFindings(clusterOf({ instrumentations })), []);
});
