import { parse, stringify } from 'yaml';
import type { Rules } from './rules.ts';

const seconds = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** A minute passes in a second. */
const pace = 60;
/** What is looked back on needs some samples also where the machine is slow to give them. */
const paceBack = 20;

/** Whoever waits for an alert has to wait for as long as it does: an hour would still be a minute. */
const longestFor = 15;

/** Nothing else of the rules is changed. */
export function hurried(text: string): string {
  const { groups } = parse(text) as Rules;
  return stringify({
    groups: groups.map((group) => ({
      ...group,
      interval: '1s',
      rules: group.rules.map((rule) => ({
        ...rule,
        expr: hurriedQuery(rule.expr),
        ...('for' in rule ? { for: shorter(rule.for, { most: longestFor }) } : {}),
      })),
    })),
  });
}

/** Ranges and offsets; plain numbers stay, for they are compared with what time really is. */
export const hurriedQuery = (query: string): string =>
  query.replaceAll(
    /(?<before>\[|\boffset )(?<length>\d+[smhd])\b/g,
    (...[, before, length]: readonly string[]) =>
      `${before}${shorter(length ?? '', { by: paceBack })}`,
  );

interface Measure {
  readonly by?: number;
  readonly most?: number;
}

function shorter(length: string, { by = pace, most = Infinity }: Measure): string {
  const unit = length.slice(-1) as keyof typeof seconds;
  const passing = Math.round((Number.parseInt(length, 10) * seconds[unit]) / by);
  return `${Math.max(1, Math.min(passing, most))}s`;
}
