import test from 'ava';
import { containerIn, guessAgainst } from '../../../../domain/diagnose/workload/language.ts';
import type { JsonObject } from '../../../../domain/json.ts';

const table: readonly (readonly [runtime: string, container: JsonObject])[] = [
  ['java', { command: ['/usr/bin/java'], args: ['-jar', 'app.jar'] }],
  ['java', { command: ['sh', '-c', 'exec java $OPTS -jar /app.jar'] }],
  ['nodejs', { command: ['npm', 'start'] }],
  ['nodejs', { image: 'node:24-slim', args: ['server.mjs'] }],
  ['python', { command: ['gunicorn', 'app:app'] }],
  ['python', { command: ['tini', '--', 'python3', 'manage.py'] }],
  ['dotnet', { command: ['dotnet', 'Shop.dll'] }],
  ['nginx', { command: ['nginx', '-g', 'daemon off;'] }],
  ['PHP', { command: ['php-fpm8.3'] }],
  ['Ruby', { command: ['bundle', 'exec', 'puma'] }],
  ['Deno', { command: ['deno', 'run', 'main.ts'] }],
];

for (const [runtime, container] of table) {
  test(`${JSON.stringify(container)} looks like ${runtime}`, (t) => {
    t.is(guessAgainst('go', container)?.runtime, runtime);
    t.is(guessAgainst(runtime, container), undefined);
  });
}

test('an image alone is no sign that is strong enough', (t) => {
  t.is(guessAgainst('java', { image: 'registry.example/python:3.14' }), undefined);
});

test('nothing is guessed where the signs speak for the language that is asked for as well', (t) => {
  const container = {
    command: ['java', '-jar', 'app.jar'],
    env: [{ name: 'NODE_ENV', value: 'x' }],
  };
  t.is(guessAgainst('java', container), undefined);
});

test('a container is found by its name, be it one of the first or of the others', (t) => {
  const spec = { containers: [{ name: 'app' }], initContainers: [{ name: 'first' }] };
  t.deepEqual(containerIn(spec, 'first'), { name: 'first' });
  t.is(containerIn(spec, 'other'), undefined);
});
