import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Values } from './shapes.ts';

/** What is to run: in the words of a container, or in those of this machine. */
export interface Command {
  readonly words: readonly string[];
  readonly directory: string;
  readonly variables: Values;
}

export interface Program {
  readonly pid: number | undefined;
  readonly exit: Promise<number>;
  /** To it and all that it started. */
  signal(name: NodeJS.Signals): void;
}

/** Starts programs, and leaves none behind, whatever becomes of us. */
export interface Keeper {
  start(command: Command, hear: (text: string) => void): Program;
  end(): Promise<void>;
}

/** Reads what lives, one line for each change, until we close the pipe or die, which closes it too. */
const keeperScript = `
while read -r line; do live=$line; done
[ -z "$live" ] || kill -9 $live
for look in 1 2 3 4 5 6 7 8 9; do rm -rf "$1" && break; done
`;

/** Watches over process groups, and over the directory that goes with them. */
export function openKeeper(directory: string): Keeper {
  const shell = spawn('/bin/sh', ['-c', keeperScript, 'keeper', directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.stdin.on('error', () => {}); // whoever ended the shell has done its work
  const left = once(shell, 'exit');
  const groups = new Set<number>();
  const tell = () => {
    if (shell.stdin.writable) shell.stdin.write(`${[...groups].map((id) => -id).join(' ')}\n`);
  };
  return {
    start(command, hear) {
      const program = launch(command, hear);
      const { pid } = program;
      if (pid === undefined) return program;
      groups.add(pid);
      tell();
      void program.exit.then(() => groups.delete(pid) && tell());
      return program;
    },
    async end() {
      shell.stdin.end();
      await left;
    },
  };
}

function launch({ words, directory, variables }: Command, hear: (text: string) => void): Program {
  const [file = '', ...rest] = words;
  const child = spawn(file, rest, {
    cwd: directory,
    env: variables,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', hear);
  const { pid } = child;
  const signal = (name: NodeJS.Signals) => {
    if (pid !== undefined) signalGroup(pid, name);
  };
  const closed = new Promise((resolve) => child.once('close', resolve));
  const exit = new Promise<number>((resolve) => {
    child.once('error', ({ message }) => {
      hear(`${message}\n`);
      resolve(128);
    });
    child.once('exit', (code, name) => {
      // Without its first process a container is nothing: the rest goes with it, its last words are kept.
      signal('SIGKILL');
      const exitCode = code ?? 128 + (name ? constants.signals[name] : 0);
      resolve(Promise.race([closed, pause(500, undefined, { ref: false })]).then(() => exitCode));
    });
  });
  return { pid, exit, signal };
}

/** Nobody may be there any more: then there is nobody to tell. */
function signalGroup(id: number, name: NodeJS.Signals): void {
  try {
    process.kill(-id, name);
  } catch {
    // gone by itself
  }
}
