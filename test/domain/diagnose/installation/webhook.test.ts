import test from 'ava';
import { webhookFindings } from '../../../../domain/diagnose/installation/webhook.ts';
import { noon } from '../../../cli/doctor/cluster.ts';
import { clusterOf, keysOf } from '../support.ts';

const now = noon / 1_000;
const sound = { validFrom: now - 100, expiresAt: now + 100, isTrusted: true };

test('a certificate that is valid and trusted is fine', (t) => {
  t.deepEqual(webhookFindings(clusterOf({}, { now, authority: sound })), []);
});

test('a certificate outside its time is named, and one that nobody vouches for', (t) => {
  const expired = { ...sound, expiresAt: now - 1 };
  const early = { ...sound, validFrom: now + 1 };
  const foreign = { ...sound, isTrusted: false };
  const said = (authority: typeof sound) =>
    keysOf(webhookFindings(clusterOf({}, { now, authority })));
  t.deepEqual(said(expired), ['CertificateExpired']);
  t.deepEqual(said(early), ['CertificateExpired']);
  t.deepEqual(said(foreign), ['AuthorityOfAnother']);
});

test('our entry is known by its name, in a configuration of whatever name', (t) => {
  const changed = {
    'MutatingWebhookConfiguration/otel-retrofit': { metadata: { name: 'renamed' } },
  };
  t.deepEqual(webhookFindings(clusterOf({ changed })), []);
});

test('a namespace that asks for nothing may be left out', (t) => {
  const values = ['kube-system', 'observability'];
  const key = 'kubernetes.io/metadata.name';
  const webhook = { namespaceSelector: { matchExpressions: [{ key, operator: 'NotIn', values }] } };
  t.deepEqual(webhookFindings(clusterOf({ webhook })), []);
});

test('a webhook by URL has no Service to be missed', (t) => {
  const webhook = { clientConfig: { service: null, url: 'https://localhost:9443/mutate-pod' } };
  t.deepEqual(webhookFindings(clusterOf({ webhook })), []);
});

test('nothing is said of configurations that nobody looked at', (t) => {
  const scene = {
    without: [
      'MutatingWebhookConfiguration/otel-retrofit',
      'Service/otel-retrofit/otel-retrofit-webhook',
      'Service/otel-retrofit/otel-retrofit-controller',
      'Service/observability/demo-collector',
    ],
  };
  t.deepEqual(webhookFindings(clusterOf(scene)), []);
});
