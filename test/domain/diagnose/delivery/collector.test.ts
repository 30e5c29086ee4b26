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

const open = protocols('      http:\n        endpoint: 0.0.0.0:4318\n');

const pipelines = (...lines: readonly string[]) =>
  `${open}service:\n  pipelines:\n    traces:\n${lines.map((line) => `      ${line}\n`).join('')}      exporters: [debug]\n`;

const unused = ['CollectorReceiverUnused'];

const taken: readonly (readonly [title: string, text: string, found: readonly string[]])[] = [
  ['a pipeline that takes from others', pipelines('receivers: [jaeger, zipkin]'), unused],
  ['others, one a line', pipelines('receivers:', '  - jaeger', '  - zipkin'), unused],
  ['others, right below their name', pipelines('receivers:', '- jaeger'), unused],
  [
    'a comment',
    pipelines('receivers: [jaeger]').replace('  pipelines', '# otlp\n  pipelines'),
    unused,
  ],
  ['none of them', open, []],
  [
    'another exporter of that name',
    pipelines('receivers: [jaeger]').replace('debug]', 'otlp]'),
    unused,
  ],
  ['a pipeline that takes from it', pipelines('receivers: [jaeger, otlp]'), []],
  ['it, one a line', pipelines('receivers:', '  - jaeger', '  - otlp'), []],
  ['it, right below its name', pipelines('receivers:', '- otlp', 'processors: []'), []],
  ['one of several of its kind', pipelines('receivers: [otlp/agents]'), []],
  ['what stands elsewhere', pipelines('receivers: ${env:RECEIVERS}'), []],
  [
    'pipelines in another form',
    `${open}service: {pipelines: {traces: {receivers: [jaeger]}}}\n`,
    [],
  ],
];

for (const [title, text, found] of taken) {
  test(`the pipelines of a Collector: ${title}`, (t) => {
    t.deepEqual(said(text), found);
  });
}

test('a second pipeline that takes from it is enough', (t) => {
  const text = pipelines('receivers: [jaeger]').replace(
    'service:\n  pipelines:\n',
    'service:\n  pipelines:\n    metrics:\n      receivers: [otlp]\n',
  );
  t.deepEqual(said(text), []);
});

for (const [title, text, found] of table) {
  test(`a Collector's configuration: ${title}`, (t) => {
    t.deepEqual(said(text), found);
  });
}

test('other ports than those of OTLP are not judged', (t) => {
  t.deepEqual(said(protocols('      http:\n'), 9999), []);
});
