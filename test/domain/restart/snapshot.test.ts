import test from 'ava';
import { askedOf } from '../../../domain/restart/snapshot.ts';
import { aSnapshot } from '../../support/restart.ts';

test('what is asked is known where something is given, and where all is refused', (t) => {
  t.regex(askedOf(aSnapshot().wanted) ?? '', /^[0-9a-f]{16}$/);
  t.regex(askedOf(aSnapshot({ instrumentation: 'none' }).wanted) ?? '', /^[0-9a-f]{16}$/);
});

test('where nothing is wanted nothing is asked', (t) => {
  const templateAnnotations = { 'instrumentation.opentelemetry.io/inject-java': 'false' };
  t.is(askedOf(aSnapshot({ templateAnnotations }).wanted), undefined);
});
