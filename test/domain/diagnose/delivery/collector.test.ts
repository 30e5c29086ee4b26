import test from 'ava';
import { collectorFindings } from '../../../../domain/diagnose/delivery/collector.ts';
import { clusterOf, keysOf } from '../support.ts';

function said(text: string, port = 4318) {
  const cluster = clusterOf({
    more: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'collector', namespace: 'observability' },
        data: { 'config.yaml': text },
      },
    ],
    changed: {
      'Pod/observability/demo-collector-1': {
        spec: { volumes: [{ name: 'config', configMap: { name: 'collector' } }] },
      },
    },
  });
  const service = cluster.find('Service', 'observability', 'demo-collector') ?? {};
  return keysOf(collectorFindings(cluster, { service, about: '', port, workloads: [] }));
}

const protocols = (lines: string) =>
  `receivers:\n  otlp:\n    protocols:\n${lines}exporters:\n  debug:\n`;

const table: readonly (readonly [title: string, text: string, found: readonly string[]])[] = [
  [
    'without an endpoint it listens on localhost',
    protocols('      http:\n'),
    ['CollectorListensLocally'],
  ],
  ['braces say no more than nothing', protocols('      http: {}\n'), ['CollectorListensLocally']],
  [
    'localhost is localhost',
    protocols('      http:\n        endpoint: "localhost:4318"\n'),
    ['CollectorListensLocally'],
  ],
  ['all addresses are fine', protocols('      http:\n        endpoint: 0.0.0.0:4318\n'), []],
  [
    'the address of the pod is fine',
    protocols('      http: {endpoint: "${env:POD_IP}:4318"}\n'),
    [],
  ],
  [
    'another protocol does not do',
    protocols('      grpc:\n        endpoint: 0.0.0.0:4317\n'),
    ['CollectorLacksProtocol'],
  ],
  [
    'what is written in another form is not judged',
    'receivers:\n  otlp: {protocols: {grpc: {}}}\n',
    [],
  ],
  ['what is no configuration of a Collector is not judged', 'greeting: hello\n', []],
];

for (const [title, text, found] of table) {
  test(`a Collector's configuration: ${title}`, (t) => {
    t.deepEqual(said(text), found);
  });
}

test('other ports than those of OTLP are not judged', (t) => {
  t.deepEqual(said(protocols('      http:\n'), 9999), []);
});
