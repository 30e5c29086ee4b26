import { setTimeout as pause } from 'node:timers/promises';
import { styleText } from 'node:util';
import packageFile from '../package.json' with { type: 'json' };
import type { DoctorAsked } from './doctor/command.ts';
import { inject, type Injected } from './inject.ts';
import type { LookAsked } from './look/command.ts';
import type { Problem } from './manifest/model.ts';
import { exits, readCommand, type Asked, type View } from './program.ts';
import { unifiedDiff } from './report/diff.ts';
import { stream } from './report/manifests.ts';
import { jsonText, yamlText } from './report/structured.ts';
import { problemText, tableOf, type Paint } from './report/table.ts';

const clear = '\u001B[H\u001B[2J';
const watchMs = 2_000;

process.stdout.on('error', leaveQuietly);
process.stderr.on('error', leaveQuietly);
process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  try {
    const asked = readCommand(words, packageFile.version, { out: write, error: complain });
    if (asked.kind === 'inject') return await runInject(asked);
    if (asked.kind === 'run') return await runRun(asked.words);
    if (asked.kind === 'doctor') return await runDoctor(asked);
    return asked.kind === 'answered' ? asked.exit : await runLook(asked);
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    complain(`This is a fault of retrofit itself. Please report it with the input.\n${what}\n`);
    return exits.bug;
  }
}

/** The controller is loaded when it is asked for: no other command needs what it brings along. */
async function runRun(words: readonly string[]): Promise<number> {
  const { runController } = await import('./run.ts');
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  const ran = await runController(words, {
    version: packageFile.version,
    environment: process.env,
    isTerminal: process.stdout.isTTY,
    signal: stop.signal,
    onSwitch: (turn) => process.on('SIGUSR2', turn),
  });
  if (ran.kind === 'ended') return exits.done;
  for (const problem of ran.problems) complain(`${problem}\n`);
  complain('\nNothing was started.\n');
  return exits.badInput;
}

/** Nor does any other command need what reads a cluster. */
async function runLook(asked: LookAsked): Promise<number> {
  const { answer, hasShortfall } = await import('./look/show.ts');
  const context = surroundings();
  for (;;) {
    const answered = await answer(asked, context, paintFor(process.stdout));
    if (answered.kind === 'badInput') return refuse(answered.problems);
    if (!asked.isWatching) {
      write(answered.text);
      return hasShortfall(answered) ? exits.refused : exits.done;
    }
    write(`${process.stdout.isTTY ? clear : ''}${answered.text}`);
    await pause(watchMs);
  }
}

function surroundings() {
  return {
    version: packageFile.version,
    environment: process.env,
    stdin: readStdin,
    now: Date.now,
  };
}

async function runDoctor(asked: DoctorAsked): Promise<number> {
  const { consult } = await import('./doctor/show.ts');
  const answered = await consult(asked, surroundings(), paintFor(process.stdout));
  if (answered.kind === 'badInput') return refuse(answered.problems);
  write(answered.text);
  return answered.isWell ? exits.done : exits.refused;
}

function refuse(problems: readonly Problem[]): number {
  const paint = paintFor(process.stderr);
  for (const problem of problems) complain(problemText(problem, paint));
  return exits.badInput;
}

async function runInject({ options, view }: Extract<Asked, { kind: 'inject' }>): Promise<number> {
  const injected = await inject(options, readStdin);
  if (injected.kind !== 'badInput') {
    show(injected, view);
    return exits[injected.kind];
  }
  const exit = refuse(injected.problems);
  complain('\nNothing was written.\n');
  return exit;
}

function show(injected: Exclude<Injected, { kind: 'badInput' }>, view: View): void {
  const { report } = injected;
  const texts: Readonly<Record<View, () => string>> = {
    manifests: () => stream(injected.files),
    diff: () => unifiedDiff(injected.files, paintFor(process.stdout)),
    table: () => tableOf(report, paintFor(process.stdout)),
    json: () => jsonText(report),
    yaml: () => yamlText(report),
  };
  write(texts[view]());
  if (view === 'manifests' || view === 'diff') complain(tableOf(report, paintFor(process.stderr)));
}

async function readStdin(): Promise<Uint8Array> {
  if (process.stdin.isTTY) complain('Reading manifests from the terminal; Ctrl-D ends them.\n');
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

function write(text: string): void {
  process.stdout.write(text);
}

function complain(text: string): void {
  process.stderr.write(text);
}

/** Colours where a terminal shows them, unless a person has said not to. */
function paintFor(destination: NodeJS.WriteStream): Paint {
  return (look, text) => styleText(look, text, { stream: destination });
}

/** Whoever reads may stop before the end, as `head` does: that is no fault. */
function leaveQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
