import { parseArgs } from 'node:util';
import { showDemo, type Wishes } from './demo.ts';

const end = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => end.abort());

const paper = {
  write: (text: string) => process.stdout.write(text),
  isTerminal: process.stdout.isTTY,
  columns: () => process.stdout.columns,
};

const wishes = readWishes();
if (wishes !== undefined) await showDemo(paper, wishes, end.signal);

function readWishes(): Wishes | undefined {
  const options = { 'with-python': { type: 'boolean', default: false } } as const;
  try {
    return { withPython: parseArgs({ options }).values['with-python'] };
  } catch (error) {
    process.stderr.write(
      `${(error as Error).message}. The demo takes --with-python, or nothing.\n`,
    );
    process.exitCode = 2;
    return undefined;
  }
}
