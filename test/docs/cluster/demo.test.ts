import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import test from 'ava';
import { findSource } from '../../cluster/binaries.ts';
import { keepingAll } from '../../cluster/cluster.ts';
import { until } from '../../cluster/until.ts';
import { command as retrofit } from '../../cluster/webhook/program.ts';
import { root } from '../pages.ts';
import { openWorkshop } from '../workshop.ts';

const demo = join(root, 'cli/demo/main.ts');

test('what the demo gives people to type does what it says, as it is typed', async (t) => {
  t.timeout(300_000);
  const source = await findSource(process.env);
  if (source.kind === 'missing') throw new Error(source.remedy);
  const kubectl = `env GOGC=${keepingAll.GOGC} ${source.kubectl}`;
  const workshop = openWorkshop({ kubectl, retrofit });
  t.teardown(workshop.close);
  const child = spawn(process.execPath, [demo], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  await until(() => text.includes('Ctrl-C ends it'), { what: 'the story is told' });

  const commands = [...text.matchAll(/^ {4}((?:kubectl|npx) .*)$/gm)].map(([, one = '']) => one);
  t.is(commands.length, 5);
  const [hide = '', scale = '', ask = '', heal = '', leave = ''] = commands;
  const type = async (command: string) => {
    const { code, printed } = await workshop.run(command);
    t.is(code, 0, `${command}\n${printed}`);
    return printed;
  };
  const kubeconfig = /export KUBECONFIG=(\S+)/.exec(text)?.[1] ?? '';
  const pods = () =>
    type(
      `kubectl --kubeconfig ${kubeconfig} -n shop get instrumentation agents -o jsonpath={.status.pods}`,
    );
  const untilPods = (wanted: RegExp) =>
    until(async () => wanted.test(await pods()), { what: `pods are ${wanted}` });

  await type(hide);
  await type(scale);
  await untilPods(/"missing":1/);
  const { printed } = await workshop.run(ask);
  t.regex(printed, /^error PodsExcluded/m);
  await type(heal);
  await untilPods(/"current":6,.*"missing":0/);
  t.regex(await type(leave), /annotated/);

  child.kill('SIGINT');
  t.deepEqual(await ended, [0, null]);
});
