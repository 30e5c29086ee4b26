import type { Shop } from './shop/shop.ts';
import type { Receiver } from './otlp/receiver.ts';

/** What the program says of one workload. */
export interface Said {
  readonly verdict: string;
  readonly reason: string;
}

/** Read off the metrics that the program serves, as anybody else would. */
export async function readVerdicts(
  metricsPort: number,
  namespace = 'shop',
): Promise<ReadonlyMap<string, Said>> {
  const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
  const text = await response.text();
  const series = /^retrofit_workload_info\{(?<labels>.*)\} 1$/gm;
  return new Map(
    [...text.matchAll(series)].flatMap(({ groups }) => {
      const labels = new Map(
        [...(groups?.['labels'] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [
          key,
          value ?? '',
        ]),
      );
      const label = (name: string) => labels.get(name) ?? '';
      if (label('namespace') !== namespace) return [];
      return [[label('workload'), { verdict: label('verdict'), reason: label('reason') }]];
    }),
  );
}

/** The table of the story: a line a workload. */
export function boardOf(
  shop: Pick<Shop, 'apps' | 'pods'>,
  verdicts: ReadonlyMap<string, Said>,
): readonly string[] {
  const head = row('WORKLOAD', 'READY', 'WITH AGENT', 'VERDICT');
  return ['', head, ...shop.apps.map((app) => lineOf(app, shop, verdicts))];
}

export function spansText({ apps }: Shop, receiver: Receiver): string {
  const counts = apps.map((app) => `${app} ${receiver.counts().get(app) ?? 0}`);
  return `Spans received: ${counts.join(', ')}`;
}

function lineOf(
  app: string,
  shop: Pick<Shop, 'pods'>,
  verdicts: ReadonlyMap<string, Said>,
): string {
  const pods = shop.pods().filter((pod) => pod.app === app);
  const ready = pods.filter(({ isReady }) => isReady).length;
  const injected = pods.filter(({ isInjected }) => isInjected).length;
  const { verdict = '', reason = '' } = verdicts.get(app) ?? {};
  const said = reason === '' ? verdict : `${verdict}: ${reason}`;
  return row(`Deployment/${app}`, `${ready}`, `${injected} of ${pods.length}`, said);
}

const widths = [18, 6, 11];

const row = (...cells: readonly string[]) =>
  cells
    .map((cell, index) => cell.padEnd(widths[index] ?? 0))
    .join(' ')
    .trimEnd();
