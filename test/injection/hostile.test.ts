import test from 'ava';
import { images } from '../../config/images.ts';
import { admit, patchOf, type Admission } from '../../domain/injection/admit.ts';
import { readInstrumentation } from '../../domain/injection/instrumentation/read.ts';
import type { World } from '../../domain/injection/match.ts';
import { indexInstrumentations } from '../../domain/injection/selector.ts';

const megabyte = 'x'.repeat(2 ** 20);

const inject = { 'instrumentation.opentelemetry.io/inject-nodejs': 'true' };

function deep(levels: number): unknown {
  return JSON.parse('{"a":'.repeat(levels) + '1' + '}'.repeat(levels));
}

const many = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));

const podWith = (spec: unknown, metadata: object = {}) => ({
  metadata: { annotations: inject, ...metadata },
  spec,
});

const containers = [{ name: 'app', image: 'app:1' }];

/** JSON that no API server sends, each with the Instrumentation's spec if it matters. */
const hostile: Readonly<Record<string, readonly [pod: unknown, spec?: unknown]>> = {
  nothing: [undefined],
  null: [null],
  'a number': [7],
  'a list': [[podWith({ containers })]],
  'an empty object': [{}],
  'annotations that are a list': [{ metadata: { annotations: [inject] }, spec: { containers } }],
  'annotations that are no text': [
    {
      metadata: { annotations: { 'instrumentation.opentelemetry.io/inject-nodejs': { a: 1 } } },
      spec: { containers },
    },
  ],
  'metadata that is text': [{ metadata: 'x', spec: { containers } }],
  'no spec': [{ metadata: { annotations: inject } }],
  'a spec that is a list': [podWith([])],
  'no containers': [podWith({ containers: [] })],
  'containers that are an object': [podWith({ containers: { app: {} } })],
  'containers that are numbers': [podWith({ containers: [1, 2, 3] })],
  'containers without names': [podWith({ containers: [{}, { name: '' }] })],
  'an environment that is text': [podWith({ containers: [{ name: 'a', env: 'x' }] })],
  'an environment of numbers': [podWith({ containers: [{ name: 'a', env: [1] }] })],
  'mounts that are an object': [podWith({ containers: [{ name: 'a', volumeMounts: {} }] })],
  'sources that are text': [podWith({ containers: [{ name: 'a', envFrom: 'x' }] })],
  'lists that are null': [
    podWith({
      containers: [{ name: 'a', image: 'a', env: null, volumeMounts: null, envFrom: null }],
      initContainers: null,
      volumes: null,
    }),
  ],
  'a value that is a number': [
    podWith({ containers: [{ name: 'a', image: 'a', env: [{ name: 'NODE_OPTIONS', value: 7 }] }] }),
  ],
  'nesting of 50,000 levels in the pod': [podWith({ containers, affinity: deep(50_000) })],
  'nesting of 50,000 levels in an entry': [
    podWith({ containers: [{ name: 'a', env: [{ name: 'A', valueFrom: deep(50_000) }] }] }),
  ],
  'nesting of 50,000 levels in the Instrumentation': [
    podWith({ containers }),
    { nodejs: { volumeClaimTemplate: deep(50_000) } },
  ],
  'nesting of 50,000 levels in a security context': [
    podWith({ containers }),
    { initContainerSecurityContext: deep(50_000) },
  ],
  'a megabyte as a container list': [
    podWith(
      { containers },
      { annotations: { ...inject, 'instrumentation.opentelemetry.io/container-names': megabyte } },
    ),
  ],
  'a megabyte of commas': [
    podWith(
      { containers },
      {
        annotations: {
          ...inject,
          'instrumentation.opentelemetry.io/container-names': ','.repeat(2 ** 20),
        },
      },
    ),
  ],
  'a megabyte as a value': [
    podWith(
      { containers },
      { annotations: { 'instrumentation.opentelemetry.io/inject-nodejs': megabyte } },
    ),
  ],
  'a megabyte as an image': [podWith({ containers: [{ name: 'a', image: megabyte }] })],
  'a megabyte of dashes as an image': [
    podWith({ containers: [{ name: 'a', image: `a${'-'.repeat(2 ** 20)}` }] }),
  ],
  'a megabyte in NODE_OPTIONS': [
    podWith({
      containers: [{ name: 'a', image: 'a', env: [{ name: 'NODE_OPTIONS', value: megabyte }] }],
    }),
  ],
  'a megabyte of quotes as a command': [
    podWith({ containers: [{ name: 'a', image: 'a', command: ["'".repeat(2 ** 20)] }] }),
  ],
  'a megabyte of attributes': [
    podWith({
      containers: [
        {
          name: 'a',
          image: 'a',
          env: [{ name: 'OTEL_RESOURCE_ATTRIBUTES', value: 'a=b,'.repeat(2 ** 18) }],
        },
      ],
    }),
  ],
  'a megabyte of % as an attribute': [
    podWith(
      { containers },
      { annotations: { ...inject, 'resource.opentelemetry.io/a': '%'.repeat(2 ** 20) } },
    ),
  ],
  'a megabyte as an endpoint': [
    podWith({ containers }),
    { exporter: { endpoint: `http://${':'.repeat(2 ** 20)}` } },
  ],
  'a megabyte as a quantity': [
    podWith({ containers }),
    { nodejs: { volumeLimitSize: '1'.repeat(2 ** 20) } },
  ],
  'a megabyte as a Secret': [
    podWith({ containers }),
    { exporter: { tls: { secretName: 'a.'.repeat(2 ** 19) } } },
  ],
  '5,000 containers': [
    podWith({ containers: many(5000, (index) => ({ name: `c${index}`, image: 'a' })) }),
  ],
  '5,000 containers, all of them named': [
    podWith(
      { containers: many(5000, (index) => ({ name: `c${index}`, image: 'a' })) },
      {
        annotations: {
          ...inject,
          'instrumentation.opentelemetry.io/container-names': many(
            5000,
            (index) => `c${index}`,
          ).join(','),
        },
      },
    ),
  ],
  '30,000 variables': [
    podWith({
      containers: [
        {
          name: 'a',
          image: 'a',
          env: many(30_000, (index) => ({ name: `V${index}`, value: 'x' })),
        },
      ],
    }),
  ],
  '15,000 variables that all refer': [
    podWith({
      containers: [
        {
          name: 'a',
          image: 'a',
          env: many(15_000, (index) => ({
            name: `V${index}`,
            value: '$(OTEL_RESOURCE_ATTRIBUTES)',
          })),
        },
      ],
    }),
  ],
  '20,000 variables in the Instrumentation': [
    podWith({ containers }),
    { env: many(20_000, (index) => ({ name: `V${index}`, value: 'x' })) },
  ],
  '10,000 annotations': [
    podWith(
      { containers },
      {
        annotations: {
          ...inject,
          ...Object.fromEntries(
            many(10_000, (index) => [`resource.opentelemetry.io/k${index}`, 'v']),
          ),
        },
      },
    ),
  ],
  '10,000 owners': [
    podWith(
      { containers },
      { ownerReferences: many(10_000, (index) => ({ kind: 'Job', name: `j-${index}` })) },
    ),
  ],
  'keys of the prototype': [
    JSON.parse(
      '{"metadata":{"annotations":{"instrumentation.opentelemetry.io/inject-nodejs":"true","__proto__":"x","constructor":"y"}},"spec":{"__proto__":{"hostPID":true},"containers":[{"name":"constructor","image":"a","__proto__":{"env":1}},{"name":"__proto__","image":"b"}]}}',
    ),
  ],
  'languages named like members of objects': [
    podWith(
      { containers },
      { annotations: { ...inject, 'instrumentation.opentelemetry.io/inject-nodejs': '__proto__' } },
    ),
  ],
  'half a character everywhere': [
    podWith(
      {
        containers: [
          { name: 'a', image: '\ud800', env: [{ name: 'NODE_OPTIONS', value: '\udfff' }] },
        ],
      },
      {
        name: '\ud800',
        annotations: {
          ...inject,
          'resource.opentelemetry.io/a': '\ud800',
          'resource.opentelemetry.io/\udc00': 'b',
        },
      },
    ),
    { resource: { resourceAttributes: { '\ud800': '\udfff' } } },
  ],
  'an Instrumentation of wrong types': [
    podWith({ containers }),
    {
      exporter: 1,
      sampler: [],
      propagators: 'x',
      env: { a: 1 },
      resource: 'y',
      defaults: 7,
      nodejs: [1],
      imagePullPolicy: {},
    },
  ],
};

for (const [title, [pod, spec = {}]] of Object.entries(hostile)) {
  test(`${title}: answered, within 100 ms of work`, (t) => {
    const answer = answerTo(pod, spec);
    t.true(['untouched', 'declined', 'injected'].includes(answer.kind));
    t.true(JSON.stringify(patchOf(pod, answer)).length > 0);
    // The best of a few runs: what else the machine does is no business of ours.
    const spent = Array.from({ length: 5 }, () => workOf(() => patchOf(pod, answerTo(pod, spec))));
    t.true(Math.min(...spent) < 100_000, `${spent.join(', ')} µs`);
  });
}

function answerTo(pod: unknown, spec: unknown): Admission {
  const metadata = { name: 'i', namespace: 'default' };
  const instrumentation = readInstrumentation({ metadata, spec });
  const world: World = {
    namespace: { name: 'default', annotations: {} },
    instrumentations: indexInstrumentations(instrumentation === undefined ? [] : [instrumentation]),
    defaults: { images, disabled: [] },
  };
  return admit(pod, world);
}

/** Microseconds of the processor, of this thread alone: other files are tested beside it in the same process. */
function workOf(work: () => unknown): number {
  const started = process.threadCpuUsage();
  work();
  return process.threadCpuUsage(started).user;
}

test('an Instrumentation that is no object, or has no name, is none', (t) => {
  for (const json of [
    undefined,
    null,
    1,
    'x',
    [],
    {},
    { metadata: {} },
    { metadata: { name: 7 } },
  ]) {
    t.is(readInstrumentation(json), undefined);
  }
});
