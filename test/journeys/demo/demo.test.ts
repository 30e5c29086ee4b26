import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { until } from '../../cluster/until.ts';
import { processesWith } from '../stage/left.ts';

const entry = join(import.meta.dirname, '../../../cli/demo/main.ts');

/** The demo in a pseudo-terminal, with a folder in which everything temporary has to lie. */
interface Showing {
  readonly folder: string;
  readonly child: ChildProcess;
  /** All that the terminal was sent. */
  readonly text: () => string;
  readonly ended: Promise<unknown>;
}

async function show(
  t: ExecutionContext,
  program = `${process.execPath} ${entry}`,
): Promise<Showing> {
  const folder = await mkdtemp(join(tmpdir(), 'retrofit-showing-'));
  // The shell makes way for the program, so that a signal for it reaches it.
  const command = `exec ${program}`;
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: folder },
  });
  t.teardown(() => child.kill('SIGKILL'));
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  return { folder, child, text: () => text, ended: once(child, 'exit') };
}

const says = (showing: Showing, words: string) =>
  until(() => showing.text().includes(words), {
    what: `the demo says "${words}"`,
  });

/** Neither a process that knows the folder, nor anything in it. */
async function leavesNothing({ folder }: Showing): Promise<void> {
  await until(() => processesWith(folder).length === 0, { what: 'all its processes are gone' });
  await until(
    async () => {
      const left = await readdir(folder, { recursive: true });
      if (left.length > 0) throw new Error(`There is ${left.join(', ')}.`);
      return true;
    },
    { what: 'its folder is empty' },
  );
  await rm(folder, { recursive: true });
}

test.serial('from bare pods to a trace across three services, and nobody notices', async (t) => {
  t.timeout(300_000);
  const showing = await show(t);
  await says(showing, 'Ctrl-C ends it');
  const screen = screenOf(showing.text());
  const [, web, cart, stock] =
    /Spans received: web (\d+), cart (\d+), stock (\d+)\./.exec(screen) ?? [];
  t.true(
    [web, cart, stock].every((count) => Number(count) > 0),
    screen,
  );
  t.regex(screen, /served \d\d+ times, and 0 times not\./);
  for (const app of ['cart', 'stock', 'web']) {
    t.is(screen.split(`Deployment/shop/${app} is restarted`).length, 2, app);
  }
  t.regex(
    screen,
    /web {2}GET .*\n.*└─ web {2}GET .*\n.*└─ cart {2}GET .*\n.*└─ cart {2}GET .*\n.*└─ stock/,
  );
  const metrics = /http:\/\/[\d.:]+\/metrics/.exec(screen)?.[0] ?? '';
  t.regex(await page(metrics), /^retrofit_workloads\{.*verdict="current".*\} 3$/m);
  const live = /http:\/\/[\d.:]+\/(?= )/.exec(screen)?.[0] ?? '';
  t.regex(await page(live), /<title>/);
  showing.child.stdin?.write('\u0003');
  await showing.ended;
  t.is(showing.child.exitCode, 0);
  await leavesNothing(showing);
});

const points = [
  'A small cluster starts',
  'A shop of three services',
  'otel-retrofit is up',
  'The Instrumentation comes',
  'is restarted',
];

for (const [index, words] of points.entries()) {
  test.serial(`killed when it says "${words}", it leaves nothing behind`, async (t) => {
    t.timeout(300_000);
    const showing = await show(t);
    await says(showing, words);
    const ours = processesWith(showing.folder);
    const pid = processesWith(entry).find(
      (one) => ours.includes(one) && one !== String(showing.child.pid),
    );
    t.truthy(pid);
    process.kill(Number(pid), index % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
    await showing.ended;
    await leavesNothing(showing);
  });
}

test.serial('where there is no Python, it says so and goes on without', async (t) => {
  t.timeout(300_000);
  // A Python that does not find its own library does not start.
  const showing = await show(
    t,
    `env PYTHONHOME=/nowhere ${process.execPath} ${entry} --with-python`,
  );
  await says(showing, 'A shop of three services');
  t.regex(showing.text(), /The machine has no Python/);
  showing.child.stdin?.write('\u0003');
  await showing.ended;
  await leavesNothing(showing);
});

test.serial('what it does not know it does not take for something else', async (t) => {
  const showing = await show(t, `${process.execPath} ${entry} --with-pyton`);
  await showing.ended;
  t.is(showing.child.exitCode, 2);
  t.regex(showing.text(), /Unknown option '--with-pyton'\. The demo takes --with-python/);
  await leavesNothing(showing);
});

/** What a person has read in the end: what was rubbed out is gone. */
function screenOf(text: string): string {
  const shown: string[] = [];
  for (const line of text.replaceAll('\r', '').split('\n')) {
    const rubbed = line.split('\u001B[0J');
    for (const code of rubbed.slice(0, -1)) shown.splice(-Number.parseInt(code.slice(2), 10));
    shown.push(rubbed.at(-1) ?? '');
  }
  return shown.join('\n');
}

const page = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = get(url, { agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => (body += part));
      response.on('end', () => resolve(body));
    });
    asked.on('error', reject);
  });
