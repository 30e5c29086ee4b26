import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: {
    readonly summary: string;
    readonly description: string;
    readonly runbook_url: string;
  };
}

export interface Recorded {
  readonly record: string;
  readonly expr: string;
}

export interface Rules {
  readonly groups: readonly {
    readonly name: string;
    readonly rules: readonly (AlertRule | Recorded)[];
  }[];
}

export const rulesFile = join(import.meta.dirname, '../../../metrics/alerts.yaml');

export const readRules = (): Rules => parse(readFileSync(rulesFile, 'utf8')) as Rules;

const rulesIn = ({ groups }: Rules) => groups.flatMap(({ rules }) => rules);

export const alertsIn = (rules: Rules): readonly AlertRule[] =>
  rulesIn(rules).filter((rule) => 'alert' in rule);

export const recordsIn = (rules: Rules): readonly Recorded[] =>
  rulesIn(rules).filter((rule) => 'record' in rule);
