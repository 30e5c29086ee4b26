import { parseArgs } from 'node:util';
import { travel } from './abroad/travel.ts';
import type { Destination } from './abroad/visit.ts';
import { showDemo, type Wishes } from './demo.ts';

const end = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => end.abort());

const paper = {
  write: (text: string) => process.stdout.write(text),
  isTerminal: process.stdout.isTTY,
  columns: () => process.stdout.columns,
};

const usage =
  'The demo takes --with-python, or --context with --kubeconfig and --restart, or nothing.';

const asked = readWishes();
if (typeof asked === 'string') {
  process.stderr.write(`${asked}\n`);
  process.exitCode = 2;
} else if ('context' in asked) process.exitCode = await travel(paper, asked, end.signal);
else await showDemo(paper, asked, end.signal);

/** What the person wants, or why that is not understood. */
function readWishes(): Wishes | Destination | string {
  const options = {
    'with-python': { type: 'boolean', default: false },
    context: { type: 'string' },
    kubeconfig: { type: 'string' },
    restart: { type: 'boolean', default: false },
  } as const;
  try {
    const { values } = parseArgs({ options });
    const { 'with-python': withPython, context, kubeconfig, restart: mayRestart } = values;
    if (context === undefined)
      return kubeconfig !== undefined || mayRestart
        ? `--kubeconfig and --restart are for a cluster that --context names. ${usage}`
        : { withPython };
    if (withPython) return `--with-python is for the cluster on this machine. ${usage}`;
    return { context, kubeconfig, mayRestart };
  } catch (error) {
    return `${(error as Error).message}. ${usage}`;
  }
}
