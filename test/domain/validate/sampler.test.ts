import test from 'ava';
import { explain, validate } from '../../../domain/validate/validate.ts';
import { anInstrumentation, warningsOf, withEndpoint } from './support.ts';

const errorOf = (sampler: object) => explain(validate(anInstrumentation({ sampler })).errors);
const warned = (spec: object) => warningsOf(withEndpoint(spec)).join('\n');

const shares = {
  taken: [
    '0',
    '1',
    '0.25',
    '.5',
    '1.',
    '-0',
    '+0.5',
    '1e-3',
    '0x1p-2',
    '0X.8P0',
    '1_0e-1',
    '0x1_0p-8',
    '',
  ],
  refused: [
    '1.01',
    '-0.1',
    'NaN',
    'inf',
    '0.5 ',
    ' 0.5',
    'half',
    '0.1.2',
    '1__0e-1',
    '_1',
    '0x1',
    '0xp1',
    '1e',
    '.',
    '0x.p1',
    '1e_1',
  ],
};

for (const argument of shares.taken) {
  test(`a share of "${argument}" is taken`, (t) => {
    t.is(errorOf({ type: 'traceidratio', argument }), '');
    t.is(
      errorOf({ type: 'jaeger_remote', argument: `initialSamplingRate=${argument || '1'}` }),
      '',
    );
  });
}

for (const argument of shares.refused) {
  test(`a share of "${argument}" is refused`, (t) => {
    t.regex(
      errorOf({ type: 'parentbased_traceidratio', argument }),
      /^spec\.sampler\.argument must/,
    );
    t.not(errorOf({ type: 'jaeger_remote', argument: `initialSamplingRate=${argument}` }), '');
  });
}

const error = (argument: string) => errorOf({ type: 'jaeger_remote', argument });

test('a remote sampler is told by pairs', (t) => {
  t.is(error('endpoint=http://jaeger:14250,pollingIntervalMs=5000,other=x'), '');
  t.regex(error('endpoint'), /list of key=value pairs/);
  t.regex(error('endpoint=http://jaeger?a=b'), /list of key=value pairs/);
  t.regex(error('endpoint='), /empty endpoint/);
  t.regex(error('pollingIntervalMs=5s'), /whole number of milliseconds/);
  t.regex(error('initialSamplingRate=2'), /from 0 to 1/);
});

test('samplers without arguments take any', (t) => {
  for (const type of ['always_on', 'parentbased_always_off', 'xray']) {
    t.is(errorOf({ type, argument: 'anything' }), '');
  }
});

const cases: readonly (readonly [string, object, RegExp | ''])[] = [
  ['a share is well said', { sampler: { type: 'parentbased_traceidratio', argument: '0.25' } }, ''],
  ['no sampler is nothing to warn of', {}, ''],
  ['an argument needs a type', { sampler: { argument: '0.1' } }, /without spec\.sampler\.type/],
  [
    'an argument may be idle',
    { sampler: { type: 'always_on', argument: '1' } },
    /no effect with always_on/,
  ],
  ['without a share all is kept', { sampler: { type: 'traceidratio' } }, /keeps every trace/],
  [
    'a share of nothing keeps nothing',
    { sampler: { type: 'traceidratio', argument: '0.0' } },
    /0 keeps no trace/,
  ],
  [
    'hexadecimal shares are for few',
    { sampler: { type: 'traceidratio', argument: '0x1p-2' } },
    /not every agent reads/,
  ],
  [
    'few agents know a remote sampler',
    { sampler: { type: 'jaeger_remote' } },
    /not every agent knows jaeger_remote/,
  ],
  [
    'a variable overrules the sampler',
    { sampler: { type: 'always_on' }, env: [{ name: 'OTEL_TRACES_SAMPLER_ARG', value: '1' }] },
    /^spec\.sampler: has no effect, for spec\.env sets OTEL_TRACES_SAMPLER_ARG$/,
  ],
];

for (const [title, spec, expected] of cases) {
  test(title, (t) => {
    if (expected === '') t.is(warned(spec), '');
    else t.regex(warned(spec), expected);
  });
}
