import { Writable } from 'node:stream';
import { readSettings } from '../../config/settings.ts';
import { run } from '../../controller/run.ts';
import packageFile from '../../package.json' with { type: 'json' };
import type { Stage } from './stage.ts';

/** A line of the program's own log. */
export interface Line {
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface Product {
  readonly lines: readonly Line[];
  /** Where it answers, once it does. */
  ports(): { readonly metricsPort: number; readonly pagePort: number } | undefined;
  stop(): Promise<void>;
}

/** The cluster it serves: in one that is somebody's nothing is restarted that does not say so itself. */
interface Scene extends Pick<Stage, 'webhookPort'> {
  readonly kubeconfig?: string | undefined;
  readonly context?: string;
  readonly role?: 'all' | 'controller';
}

/** What a production cluster waits minutes for, a person at a terminal waits seconds for. */
export const shortened = {
  'settle-missing-seconds': 1,
  'owner-quiet-seconds': 1,
  'warm-up-seconds': 1,
  'soak-seconds': 2,
  'prove-seconds': 2,
  'proof-interval-seconds': 1,
};

/** Webhook and controller, run as a cluster runs them, with other waits. */
export function startProduct(scene: Scene): Product {
  const lines: Line[] = [];
  const end = new AbortController();
  const words = Object.entries({
    role: scene.role ?? 'all',
    kubeconfig: scene.kubeconfig,
    context: scene.context,
    remediation: scene.context === undefined ? undefined : 'observe',
    'bind-address': '127.0.0.1',
    'webhook-port': scene.webhookPort,
    'metrics-port': 0,
    'probe-port': 0,
    'page-port': 0,
    'stop-delay-ms': 0,
    'log-format': 'json',
    'workload-metrics': true,
    ...shortened,
  }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
  const reading = readSettings(words, {}, undefined);
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  const running = run({
    settings: reading.settings,
    version: packageFile.version,
    environment: {},
    isTerminal: false,
    signal: end.signal,
    onSwitch: () => undefined,
    output: lineReader((line) => lines.push(line)),
  });
  return {
    lines,
    ports() {
      const found = lines.find(({ msg }) => msg === 'serving');
      if (found === undefined) return undefined;
      return { metricsPort: Number(found['metricsPort']), pagePort: Number(found['pagePort']) };
    },
    async stop() {
      end.abort();
      await running;
    },
  };
}

function lineReader(take: (line: Line) => void): Writable {
  let rest = '';
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const parts = (rest + chunk.toString()).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) take(JSON.parse(part) as Line);
      done();
    },
  });
}
