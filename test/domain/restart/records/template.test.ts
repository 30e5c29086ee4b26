import test from 'ava';
import { marks } from '../../../../crds/names.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import {
  markTemplate,
  readMarker,
  writeMarker,
} from '../../../../domain/restart/records/template.ts';

const text = '0123456789abcdef.3.tp24k0.tp1zz9';
const marker = { asked: '0123456789abcdef', number: 3, times: [1_795_608_720, 1_795_602_777] };

const template = (annotations: JsonObject | null | undefined, labels: JsonObject = {}) => ({
  metadata: {
    labels: { app: 'cart', ...labels },
    ...(annotations === undefined ? {} : { annotations }),
  },
  spec: { containers: [{ name: 'app', image: 'cart:1' }] },
});

test('a marker is read as it was written', (t) => {
  t.deepEqual(readMarker(writeMarker(marker)), marker);
  t.is(writeMarker({ ...marker, times: [] }), '0123456789abcdef.3');
  t.deepEqual(readMarker('0123456789abcdef.3'), { ...marker, times: [] });
});

test('a marker carries the last four times', (t) => {
  const times = [6, 5, 4, 3, 2, 1];
  t.deepEqual(readMarker(writeMarker({ ...marker, times }))?.times, [6, 5, 4, 3]);
});

test('what only looks like a marker is none', (t) => {
  for (const wrong of [
    '',
    '0123456789abcdef',
    '0123456789ABCDEF.1',
    '0123456789abcdef.x.1',
    '0123456789abcdef.1.',
    '0123456789abcdef.1.!',
    '2026-11-21T00:00:00Z',
  ])
    t.is(readMarker(wrong), undefined, wrong);
});

test('a restart of ours leaves the digest as it is, and is read', (t) => {
  const bare = markTemplate(template(undefined));
  const marked = markTemplate(template({ [marks.restart]: text }));
  t.is(bare.marker, undefined);
  t.is(marked.marker?.number, 3);
  t.is(marked.digest, bare.digest);
  t.is(markTemplate(template({})).digest, bare.digest);
  t.is(markTemplate(template(null)).digest, bare.digest);
});

test('anything else in the template is another digest', (t) => {
  const { digest } = markTemplate(template({ [marks.restart]: text }));
  t.not(markTemplate(template({ 'kubectl.kubernetes.io/restartedAt': 'now' })).digest, digest);
  t.not(markTemplate(template({}, { tier: 'web' })).digest, digest);
  t.not(markTemplate({ ...template({}), spec: {} }).digest, digest);
});

test('what a ReplicaSet or ControllerRevision adds to its template does not count', (t) => {
  const { digest } = markTemplate(template({}));
  t.is(markTemplate(template({}, { 'pod-template-hash': '6f7d8c9b54' })).digest, digest);
  t.is(markTemplate({ ...template({}), $patch: 'replace' }).digest, digest);
  const { metadata, spec } = template({});
  t.is(markTemplate({ metadata: { creationTimestamp: null, ...metadata }, spec }).digest, digest);
});
