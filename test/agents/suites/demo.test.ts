import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import test from 'ava';
import { until } from '../../cluster/until.ts';

const entry = join(import.meta.dirname, '../../../cli/demo/main.ts');

test('the demo has a service in Python, and it stands in the trace', async (t) => {
  t.timeout(300_000);
  const child = spawn(process.execPath, [entry, '--with-python'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  const isTold = () => text.includes('Ctrl-C ends it');
  await until(isTold, { what: 'the story is told', timeoutMs: 240_000 });
  t.regex(text, /└─ cart {2}GET .*\n +└─ prices {2}GET /);
  t.regex(text, /Spans received: web \d+, cart \d+, stock \d+, prices [1-9]/);
  t.regex(text, /served \d\d+ times, and 0 times not\./);
  child.kill('SIGINT');
  t.deepEqual(await ended, [0, null]);
});
