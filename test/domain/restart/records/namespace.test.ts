import test from 'ava';
import { readNamespace } from '../../../../domain/restart/records/namespace.ts';

test('a namespace keeps what it says, and whether it goes', (t) => {
  const metadata = {
    name: 'shop',
    uid: 'n',
    labels: { team: 'a' },
    annotations: { 'otel-retrofit.dev/remediation': 'off' },
    deletionTimestamp: '2026-11-21T10:00:00Z',
  };
  t.like(readNamespace({ metadata, spec: {}, status: {} }), {
    name: 'shop',
    labels: { team: 'a' },
    annotations: { 'otel-retrofit.dev/remediation': 'off' },
    deletedAt: 1_795_255_200,
  });
  t.is(readNamespace({}), undefined);
});

const wrote = (key: string, time: string) => ({
  manager: 'kubectl',
  time,
  fieldsV1: { 'f:metadata': { 'f:annotations': { [key]: {} } } },
});
const read = (...managedFields: object[]) =>
  readNamespace({ metadata: { name: 'shop', managedFields } })?.askedAt;

test('a namespace remembers when somebody last asked for instrumentation in it', (t) => {
  t.is(read(), undefined);
  t.is(read(wrote('f:team', '2026-11-21T10:00:00Z')), undefined);
  const asks = 'f:instrumentation.opentelemetry.io/inject-java';
  t.is(
    read(wrote(asks, '2026-11-21T10:00:00Z'), wrote(asks, '2026-11-21T09:00:00Z')),
    1_795_255_200,
  );
});
