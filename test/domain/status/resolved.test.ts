import test from 'ava';
import { resolve } from '../../../domain/status/resolved.ts';
import { anInstrumentation, theDefaults } from '../../support/build.ts';

const endpoint = (value: string) => [{ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value }];

test('an image that nobody names is the one of this installation', (t) => {
  const found = resolve(anInstrumentation({ java: { image: 'mine:1' } }), theDefaults());
  t.is(found.java?.image, 'mine:1');
  t.is(found.python?.image, theDefaults().images.python);
  t.false('image' in (found.sdk ?? {}));
});

test('the endpoint of a language goes before that of all, and both before the exporter', (t) => {
  const found = resolve(
    anInstrumentation({
      exporter: { endpoint: 'http://exporter:4318' },
      env: endpoint('http://shared:4318'),
      java: { env: endpoint('http://java:4318') },
    }),
    theDefaults(),
  );
  t.is(found.java?.endpoint, 'http://java:4318');
  t.is(found.sdk?.endpoint, 'http://shared:4318');
  t.false('endpoint' in (resolve(anInstrumentation({}), theDefaults()).java ?? {}));
});

test('a language that is switched off resolves to nothing', (t) => {
  const found = resolve(anInstrumentation({}), theDefaults({ disabled: ['go'] }));
  t.false('go' in found);
  t.is(Object.keys(found).length, 7);
});
