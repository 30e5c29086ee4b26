import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { createLogger, format, transports, type Logger } from 'winston';
import { machineTime, type Time } from './kube/pace.ts';
import { Flood, type FloodLimits } from './log/flood.ts';
import { formats, type Entry, type Format } from './log/lines.ts';
import { plain } from './log/plain.ts';

const levels = { error: 0, warn: 1, info: 2, debug: 3 } as const;

export type Level = keyof typeof levels;
export type Fields = Readonly<Record<string, unknown>>;

/** Messages are constant and say what happened; what varies is a field. */
export interface Log {
  error(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  debug(message: string, fields?: Fields): void;
  /** The same log, with these fields on every line. */
  child(fields: Fields): Log;
}

export interface RootLog extends Log {
  readonly level: Level;
  setLevel(level: Level): void;
}

export interface LogOptions {
  readonly level?: Level | undefined;
  readonly format?: Format | undefined;
  readonly output?: Writable | undefined;
  readonly flood?: FloodLimits | undefined;
  readonly time?: Time | undefined;
}

const usualFlood: FloodLimits = { lines: 20, intervalMs: 10_000 };

interface Sink {
  readonly logger: Logger;
  readonly output: Writable;
  readonly flood: Flood;
}

const sinks = new WeakMap<Log, Sink>();

export function createLog(options: LogOptions = {}): RootLog {
  const { output = process.stdout, time = machineTime } = options;
  const logger = createSink(output, formats[options.format ?? 'json']);
  let most: Level = options.level ?? 'info';

  const write = (level: Level, message: string, fields: Fields) => {
    const entry: Entry = { level, message, fields: plain(fields) as Fields, at: time.wall() };
    if (logger.writable) logger.log(level, { message, entry });
  };
  const flood = new Flood(options.flood ?? usualFlood, time, (key, lines) => {
    const [level, message] = apart(key);
    write(level, 'lines left out', { message, lines });
  });
  const tell = (level: Level, message: string, fields: Fields) => {
    if (levels[level] > levels[most]) return;
    if (flood.admits(`${level} ${message}`)) write(level, message, fields);
  };

  const log: RootLog = {
    ...speaking(tell, {}),
    get level() {
      return most;
    },
    setLevel: (level) => {
      most = level;
    },
  };
  sinks.set(log, { logger, output, flood });
  return log;
}

/** Returns when every line has left us, or when whoever reads them has stopped reading. */
export async function closeLog(log: RootLog): Promise<void> {
  const sink = sinks.get(log);
  if (sink === undefined) return;
  sinks.delete(log);
  sink.flood.close();
  const finished = once(sink.logger, 'finish');
  sink.logger.end();
  await finished;
  await drained(sink.output);
}

function createSink(output: Writable, line: (entry: Entry) => string): Logger {
  const transport = new transports.Stream({ stream: output, eol: '\n' });
  // A reader that went away costs us our lines, not our life.
  output.on('error', () => undefined);
  return createLogger({
    levels,
    level: 'debug',
    format: format.printf(({ ['entry']: entry }) => line(entry as Entry)),
    transports: [transport],
    exitOnError: false,
  });
}

function speaking(
  tell: (level: Level, message: string, fields: Fields) => void,
  always: Fields,
): Log {
  const at =
    (level: Level) =>
    (message: string, fields: Fields = {}) =>
      tell(level, message, { ...always, ...fields });
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    child: (fields) => speaking(tell, { ...always, ...fields }),
  };
}

function apart(key: string): readonly [Level, string] {
  const space = key.indexOf(' ');
  return [key.slice(0, space) as Level, key.slice(space + 1)];
}

const drainLimitMs = 2_000;

/** What is written last is called back last. */
async function drained(output: Writable): Promise<void> {
  if (output.destroyed || output.writableEnded) return;
  const limit = AbortSignal.timeout(drainLimitMs);
  const written = new Promise<void>((resolve) => {
    output.write('', () => resolve());
  });
  await Promise.race([written, once(limit, 'abort')]);
}
