import test from 'ava';
import { writeTime } from '../../../domain/status/told.ts';

test('a time is written as Kubernetes writes it', (t) => {
  t.is(writeTime(1_795_608_000), '2026-11-25T12:00:00Z');
});
