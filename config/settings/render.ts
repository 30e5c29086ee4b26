import { rows } from '../settings.ts';
import { variableOf } from './sources.ts';
import { groups, type Row, type Value } from './row.ts';

/** The text of `docs/reference/settings.md`. */
export function renderSettings(): string {
  const parts = [
    '<!-- Rendered from config/settings by "npm run render": change the tables there, not this page. -->',
    '# Settings',
    introduction,
    ...groups.flatMap((group) => [`## ${group}`, ...[...rows].filter(isIn(group)).map(describe)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

const introduction = `How \`retrofit run\` runs. Which agents pods get, and where these send, is said by
[Instrumentations](instrumentation.md) and annotations instead, and changes without a restart.

A setting has one name, written in three ways. Where several speak, the last one counts:

1. the default,
2. a line of the YAML file that \`--config\` names: \`webhook-port: 9443\`,
3. a variable of the environment: \`RETROFIT_WEBHOOK_PORT=9443\`,
4. a flag: \`--webhook-port 9443\` or \`--webhook-port=9443\`.

All values are checked before anything starts, and everything that is wrong is reported at once. A
name that is no setting is an error too. An empty variable counts as unset, and variables that
Kubernetes writes for a Service are not mistaken for settings. The values in force are in the log,
once, at the start.`;

const isIn =
  (group: string) =>
  ([, row]: readonly [string, Row<Value>]) =>
    row.group === group;

function describe([key, row]: readonly [string, Row<Value>]): string {
  const value = row.default === undefined ? (row.unset ?? 'unset') : `\`${String(row.default)}\``;
  return [
    `### \`${key}\``,
    row.help,
    `Allowed: ${row.parser.allowed}. Default: ${value}. Variable: \`${variableOf(key)}\`. Since ${row.since}.`,
  ].join('\n\n');
}
