import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sections } from '../../../metrics/dashboard/panels.ts';
import { readRules } from './rules.ts';

/** A query, and where a person meets it. */
export interface Query {
  readonly place: string;
  readonly text: string;
}

/** A metric as a query asks for it. */
export interface Use {
  readonly metric: string;
  /** Values by label; of a regular expression its alternatives. */
  readonly matchers: readonly { readonly label: string; readonly values: readonly string[] }[];
}

const runbooks = join(import.meta.dirname, '../../../docs/runbooks');

/** Every query that we hand out, as Prometheus takes it. */
export const queries = (): readonly Query[] => [
  ...ruleQueries(),
  ...dashboardQueries(),
  ...runbookQueries(),
];

export const ruleQueries = (): readonly Query[] =>
  readRules().groups.flatMap(({ rules }) =>
    rules.map((rule) => ({
      place: 'alert' in rule ? rule.alert : rule.record,
      text: rule.expr,
    })),
  );

/** Grafana fills in what begins with a dollar. */
export const dashboardQueries = (): readonly Query[] =>
  sections.flatMap(({ panels }) =>
    panels.flatMap(({ title, queries: drawn }) =>
      Object.values(drawn).map((text) => ({
        place: `dashboard: ${title}`,
        text: text.replaceAll('$__rate_interval', '5m').replaceAll('$namespace', '.*'),
      })),
    ),
  );

const runbookQueries = (): readonly Query[] =>
  readdirSync(runbooks).flatMap((file) => {
    const text = readFileSync(join(runbooks, file), 'utf8');
    return [...text.matchAll(/^```promql\n(?<lines>[^`]*)```$/gm)]
      .flatMap(({ groups }) => groups?.['lines']?.trim().split('\n') ?? [])
      .map((line) => ({ place: `runbook: ${file}`, text: line }));
  });

const words = new Set(['and', 'or', 'unless', 'offset', 'bool']);
const clause = /\b(?:by|on|without|ignoring|group_left|group_right)\s*(?:\([^)]*\))?/g;
const selector = /(?<metric>[a-z_:][\w:]*)\s*(?:\{(?<inside>[^}]*)\}|(?!\s*[({\w:]))/g;
const matcher = /(?<label>\w+)\s*(?:=~|!~|!=|=)\s*"(?<value>[^"]*)"/g;

/** Which metrics a query asks for, and how it chooses among their series. */
export function usesIn(text: string): readonly Use[] {
  const kept = text.replaceAll(clause, ' ').replaceAll(/\[[^\]]*\]|\boffset \w+/g, ' ');
  return [...kept.matchAll(selector)]
    .filter((found) => !isInString(kept, found.index))
    .map(({ groups }) => ({
      metric: groups?.['metric'] ?? '',
      matchers: [...(groups?.['inside'] ?? '').matchAll(matcher)].map(({ groups: parts }) => ({
        label: parts?.['label'] ?? '',
        values: (parts?.['value'] ?? '').split('|'),
      })),
    }))
    .filter(({ metric }) => !words.has(metric));
}

const isInString = (text: string, at: number) => text.slice(0, at).split('"').length % 2 === 0;

/** The labels that a query groups or joins by. */
export const groupingsIn = (text: string): readonly string[] =>
  [...text.matchAll(clause)]
    .flatMap(([found]) => /\((?<list>[^)]*)\)/.exec(found)?.groups?.['list']?.split(',') ?? [])
    .map((label) => label.trim())
    .filter((label) => label !== '');
