import { apiDuration, apiRequests, buildInfo } from './calls.ts';
import { counters, reviewDuration } from './catalog.ts';
import { gauges } from './gauges.ts';
import { readings } from './machine.ts';
import { restartDuration, roundDuration } from './restarts.ts';
import type { Counter, Described } from './rows.ts';

/** The text of `docs/reference/metrics.md`. */
export function renderMetrics(): string {
  const parts = [
    '<!-- Rendered from metrics/catalog.ts and its neighbours by "npm run render": change the tables there, not this page. -->',
    '# Metrics',
    introduction,
    '## Counters',
    ...counters.map((row) => describe(row, 'counter', seriesOf(row))),
    describe(apiRequests, 'counter'),
    '## Durations',
    ...[reviewDuration, restartDuration, roundDuration, apiDuration].map((row) =>
      describe(row, 'histogram', `Buckets, in seconds: ${row.buckets.join(', ')}.`),
    ),
    '## State',
    ...gauges.map((row) => describe(row, 'gauge')),
    describe(buildInfo, 'gauge'),
    '## The process',
    ...readings.map((row) => describe(row, row.type)),
  ];
  return `${parts.join('\n\n')}\n`;
}

const introduction = `\`/metrics\` on the metrics port, in the text format of Prometheus or in OpenMetrics, whichever the
scraper prefers, and compressed if it likes.

Label values are keys of tables in the code, so their number is bounded. What the keys of \`reason\` mean is in
[Reasons](reasons.md); after a fault of ours \`reason\` says what kind it was, and it is empty where there
is nothing to explain. Names and labels are not changed once released; new ones may come.`;

function describe(row: Described, type: string, more?: string): string {
  const labels = row.labels.map((label) => `\`${label}\``).join(', ');
  const kind = labels === '' ? `A ${type}.` : `A ${type} by ${labels}.`;
  return [`### \`${row.name}\``, row.help, more === undefined ? kind : `${kind} ${more}`].join(
    '\n\n',
  );
}

/** The values of a label, where they are few enough to be read. */
function seriesOf({ labels, fromStart }: Counter): string | undefined {
  const lists = labels
    .filter((label) => label !== 'reason')
    .map((label) => {
      const values = new Set(fromStart.map((series) => `\`${series[label] ?? ''}\``));
      return `\`${label}\` is one of ${[...values].join(', ')}.`;
    });
  return lists.length === 0 ? undefined : lists.join(' ');
}
