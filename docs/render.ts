import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { renderReference } from '../crds/reference.ts';
import { renderTypes } from '../crds/render.ts';
import type { CustomResourceDefinition } from '../crds/schema.ts';
import { renderSettings } from '../config/settings/render.ts';
import { reasons, type Entry, type Outcome } from '../domain/reasons.ts';
import { conditionWords } from '../domain/status/words.ts';
import { renderMetrics } from '../metrics/render.ts';
import { renderChart } from './chart.ts';
import { renderMonitoring } from './monitoring.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Every rendered file of the repository with the text it should have. */
export function rendered(): ReadonlyMap<string, string> {
  const crd = parse(read('crds/instrumentations.yaml')) as CustomResourceDefinition;
  return new Map([
    ['crds/types.ts', renderTypes(crd)],
    ['docs/reference/instrumentation.md', renderReference(crd)],
    ['docs/reference/metrics.md', renderMetrics()],
    ['docs/reference/reasons.md', renderReasons()],
    ['docs/reference/settings.md', renderSettings()],
    ...renderMonitoring(read('metrics/alerts.yaml')),
    ...renderChart(read),
  ]);
}

const chapters: Readonly<Record<Outcome, string>> = {
  exempt: 'Nothing is to be done, and nothing is said.',
  refused: 'The language cannot be given. The pod starts without it, and says why.',
  noted: 'The language is given; a person should know about this.',
  stuck: 'We have tried. A person must look, and the way out is named.',
  held: 'Pods lack what they asked for, and it is left to people to restart them.',
  waiting: 'Pods lack what they asked for, and they will be restarted later.',
  behind: 'Why pods lack what they asked for. They are restarted in turn.',
};

function renderReasons(): string {
  const entries = Object.entries<Entry>(reasons);
  const parts = Object.entries(chapters).map(([outcome, meaning]) => {
    const rows = entries.filter(([, entry]) => entry.outcome === outcome).map(reasonPart);
    return `## ${outcome}\n\n${meaning}\n\n${rows.join('\n\n')}`;
  });
  return [
    '<!-- Rendered from domain/reasons.ts and domain/status/words.ts by "npm run render": change those files, not this one. -->',
    '# Reasons',
    'Every decision about a pod or a workload has one of these keys. It stands in the report of `retrofit inject`, in admission warnings, in metrics and Events, in the status of Instrumentations, and in the annotation `otel-retrofit.dev/declined`. Keys are never renamed. Where it is told of one workload, what stands in angle brackets is filled in: `<number>` is that of our latest restart, `<labels>` are those of its pods, and `<instrumentation>` in the namespace `<library>` is what it asks for.',
    ...parts,
    conditionsPart(),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

const reasonPart = ([key, { summary, remedy }]: readonly [string, Omit<Entry, 'outcome'>]) =>
  `### ${key}\n\n${summary}${remedy === undefined ? '' : `\n\n**What to do:** ${remedy}`}`;

/** What the conditions of an Instrumentation say where no pod or workload gives them a reason. */
function conditionsPart(): string {
  const rows = Object.entries(conditionWords).map(([key, word]) => reasonPart([key, word]));
  const opening = 'The status of an Instrumentation says these of all that asks for it together.';
  return `## conditions\n\n${opening}\n\n${rows.join('\n\n')}`;
}

if (import.meta.main) {
  for (const [path, text] of rendered()) writeFileSync(join(root, path), text);
}
