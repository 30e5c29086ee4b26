import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { goEnvironment } from '../../cluster/binaries.ts';
import { digest, outside, run, type Part } from './cache.ts';

const source = join(import.meta.dirname, '../collector');
const textOf = (name: string) => readFileSync(join(source, name), 'utf8');

export const collectorConfiguration = join(source, 'collector.yaml');

/** The OpenTelemetry Collector, built from its modules. One compiler at a time: others work here too. */
export const collector: Part = {
  name: `collector-${digest(textOf('go.sum') + textOf('main.go'))}`,
  needs: 'Go 1.26 or newer, and its module proxy',
  fill: (folder) =>
    run(
      'nice',
      ['-n', '15', 'go', 'build', '-ldflags=-s -w', '-o', join(folder, 'collector'), '.'],
      { in: source, env: { ...goEnvironment(outside), GOMAXPROCS: '1' } },
    ),
};
