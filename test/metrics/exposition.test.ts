import { gunzipSync } from 'node:zlib';
import test from 'ava';
import { expose, openMetrics } from '../../metrics/exposition.ts';

const text =
  '# HELP a_total Things.\n# TYPE a_total counter\na_total{b="c"} 1\n\n# HELP d D_total.\n# TYPE d gauge\nd 2\n';

test('in OpenMetrics a counter is a family without its ending, and the end is marked', (t) => {
  t.is(
    openMetrics(text),
    '# HELP a Things.\n# TYPE a counter\na_total{b="c"} 1\n# HELP d D_total.\n# TYPE d gauge\nd 2\n# EOF\n',
  );
});

const prometheus3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';

const accepts: readonly (readonly [
  string | undefined,
  'text/plain' | 'application/openmetrics-text',
])[] = [
  [undefined, 'text/plain'],
  ['', 'text/plain'],
  ['*/*', 'text/plain'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/plain'],
  ['text/plain;version=0.0.4', 'text/plain'],
  [prometheus3, 'application/openmetrics-text'],
  ['application/openmetrics-text', 'application/openmetrics-text'],
  ['application/openmetrics-text;q=0', 'text/plain'],
  ['text/plain, application/openmetrics-text;q=0.5', 'text/plain'],
  ['application/openmetrics-text;q=x', 'text/plain'],
  ['a,'.repeat(100_000), 'text/plain'],
];

for (const [accept, type] of accepts) {
  test(`whoever accepts ${JSON.stringify(accept?.slice(0, 60))} gets ${type}`, async (t) => {
    const { headers, body } = await expose(text, { accept });
    t.true(headers['content-type']?.startsWith(`${type}; version=`));
    t.is(body.toString().endsWith('# EOF\n'), type === 'application/openmetrics-text');
  });
}

for (const [coding, isCompressed] of [
  [undefined, false],
  ['identity', false],
  ['gzip', true],
  ['deflate, GZIP;q=0.5', true],
  ['gzip;q=0', false],
] as const) {
  test(`for the coding ${coding} the text is ${isCompressed ? '' : 'not '}compressed`, async (t) => {
    const { headers, body } = await expose(text, { acceptEncoding: coding });
    t.is(headers['content-encoding'], isCompressed ? 'gzip' : undefined);
    t.is((isCompressed ? gunzipSync(body) : body).toString(), text);
  });
}
