import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import type { Keeper, Program } from '../plane/programs.ts';
import { until } from '../until.ts';

/** A line of the program's log. */
export interface Line {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The product, running as its users run it. */
export interface Product extends Program {
  readonly webhookPort: number;
  readonly probePort: number;
  readonly metricsPort: number;
  readonly lines: () => readonly Line[];
  /** What `/readyz` says, and nothing while the port is closed. */
  readiness(): Promise<Page | undefined>;
  metrics(): Promise<string>;
}

export interface Page {
  readonly code: number;
  readonly text: string;
}

export type Settings = Readonly<Record<string, string | number>>;

export interface Start {
  readonly keeper: Keeper;
  readonly directory: string;
  readonly name: string;
  readonly settings: Settings;
}

/** Of a run of these suites, see `bundle`; others run the sources. */
const bundled = process.env['RETROFIT_BUNDLE'];

/** How it is started; `env` takes it. */
export const command =
  bundled === undefined
    ? [process.execPath, join(import.meta.dirname, '../../../bin/retrofit.js')]
    : [`NODE_COMPILE_CACHE=${bundled}/compiled`, process.execPath, join(bundled, 'main.mjs')];

/** Variables with which a person steers these tests would be settings of the program, and refused. */
const withoutOurs = Object.keys(process.env).flatMap((name) =>
  name.startsWith('RETROFIT_') ? ['-u', name] : [],
);

/** Starts the program, which need not be ready when this returns: see `untilReady`. */
export function start({ keeper, directory, name, settings }: Start): Starting {
  const words = Object.entries({ ...usual, ...settings }).flatMap(([key, value]) => [
    `--${key}`,
    String(value),
  ]);
  const args = [...withoutOurs, ...command, 'run', ...words];
  const program = keeper.run(name, '/usr/bin/env', args);
  return { program, lines: () => linesIn(join(directory, `${name}.log`)) };
}

const usual = {
  'bind-address': '127.0.0.1',
  'webhook-port': 0,
  'probe-port': 0,
  'metrics-port': 0,
  'stop-delay-ms': 0,
};

export interface Starting {
  readonly program: Program;
  readonly lines: () => readonly Line[];
}

export async function untilReady(starting: Starting): Promise<Product> {
  const { program, lines } = starting;
  const serving = await until(
    () => lines().find(({ msg }) => msg === 'serving') ?? (program.hasEnded() && 'ended'),
    { what: `${program.name} serves` },
  );
  if (serving === 'ended') throw new Error(`${program.name} has ended:\n${program.lastLines()}`);
  const { webhookPort, probePort, metricsPort } = serving;
  const product: Product = {
    ...program,
    webhookPort: Number(webhookPort),
    probePort: Number(probePort),
    metricsPort: Number(metricsPort),
    lines,
    readiness: () => get(Number(probePort), '/readyz').catch(() => undefined),
    metrics: async () => (await get(Number(metricsPort), '/metrics')).text,
  };
  await until(async () => (await product.readiness())?.code === 200, {
    what: `${program.name} is ready`,
  });
  return product;
}

/** The last line may be half written. */
function linesIn(path: string): readonly Line[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Line);
}

function get(port: number, path: string): Promise<Page> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ code: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}
