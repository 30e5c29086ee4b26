import { showDemo } from './demo.ts';

const end = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => end.abort());

await showDemo(
  {
    write: (text) => process.stdout.write(text),
    isTerminal: process.stdout.isTTY,
    columns: () => process.stdout.columns,
  },
  end.signal,
);
