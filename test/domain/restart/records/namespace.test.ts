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
