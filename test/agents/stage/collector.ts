import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { freePorts, type Keeper } from '../../cluster/plane/programs.ts';
import { until } from '../../cluster/until.ts';
import { isOpen } from '../../journeys/stage/left.ts';
import { collectorConfiguration } from '../parts/collector.ts';
import { readTelemetry, type Telemetry } from './telemetry.ts';

export interface Collector {
  /** Where HTTP is spoken. */
  readonly endpoint: string;
  /** Where gRPC is spoken, and nothing else: its port says so, as everywhere. */
  readonly grpcEndpoint: string;
  readonly telemetry: () => Promise<Telemetry>;
}

const nothing: Telemetry = { spans: [], lines: [], metrics: [] };

/** Starts the program in a folder: what it receives lies there, and nothing that others have sent. */
export async function startCollector(
  keeper: Keeper,
  program: string,
  directory: string,
): Promise<Collector> {
  const [port] = await freePorts(1);
  const http = `127.0.0.1:${port}`;
  const grpc = await freeAddress(4317);
  const file = join(directory, 'telemetry.jsonl');
  const variables = [`HTTP_ADDRESS=${http}`, `GRPC_ADDRESS=${grpc}`, `TELEMETRY=${file}`];
  const words = [...variables, program, `--config=${collectorConfiguration}`];
  const collector = keeper.run('collector', '/usr/bin/env', words);
  await until(
    async () => {
      if (collector.hasEnded()) throw new Error(collector.lastLines());
      return (await isOpen(http)) && (await isOpen(grpc));
    },
    { what: 'the Collector listens' },
  );
  return {
    endpoint: `http://${http}`,
    grpcEndpoint: `http://${grpc}`,
    telemetry: async () => (existsSync(file) ? readTelemetry(file) : nothing),
  };
}

/** A port that means something cannot be chosen, but a loopback has many addresses. */
async function freeAddress(port: number): Promise<string> {
  for (let last = 1; last < 255; last += 1) {
    const host = `127.47.${process.pid % 256}.${last}`;
    if (await isFree(host, port)) return `${host}:${port}`;
  }
  throw new Error(`Port ${port} is taken on every address of the loopback that was tried.`);
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
