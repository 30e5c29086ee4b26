import {
  commandLine,
  flagOf,
  readEnvironment,
  readFile,
  readFlags,
  variableOf,
  type Environment,
  type Found,
  type Given,
  type Origin,
} from './settings/sources.ts';
import { suggest } from './settings/suggest.ts';
import {
  agentLanguages,
  enableKey,
  enableRow,
  imageKey,
  imageRow,
  type AgentLanguage,
} from './settings/languages.ts';
import type { Row, Value } from './settings/row.ts';
import { table, type Values } from './settings/table.ts';

/** How this process runs. Who gets which agents is said by custom resources and annotations instead. */
export interface Settings extends Values {
  readonly images: Readonly<Record<AgentLanguage, string>>;
  readonly disabled: readonly AgentLanguage[];
}

export interface Problem {
  readonly setting: string;
  /** Where it was found. */
  readonly from: string;
  /** As it was written; absent where nothing was, or where it cannot be known to be harmless. */
  readonly seen?: string;
  /** What is wrong, and what is allowed. */
  readonly problem: string;
}

export type Reading =
  | {
      readonly kind: 'settings';
      readonly settings: Settings;
      /** Where each value came from, by the key of its setting. */
      readonly origins: Readonly<Record<string, Origin>>;
    }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

/** Every setting there is, by the key that files and the command line know it by. */
export const rows: ReadonlyMap<string, Row<Value>> = new Map<string, Row<Value>>([
  ...Object.entries(table).map(([name, row]) => [kebab(name), row] as const),
  ...agentLanguages.map((language) => [enableKey(language), enableRow(language)] as const),
  ...agentLanguages.map((language) => [imageKey(language), imageRow(language)] as const),
]);

/**
 * Defaults, then the file, then the environment, then the command line: the last one counts. A
 * wrong value is told even where a later one hides it, and all that is wrong is told at once.
 */
export function readSettings(
  args: readonly string[],
  env: Environment,
  fileText: string | undefined,
): Reading {
  const found = [
    ...(fileText === undefined ? [] : readFile(fileText).map(notConfig)),
    ...readEnvironment(env),
    ...readFlags(args, isSwitch),
  ];
  const values = new Map<string, Value>([...rows].map(([key, row]) => [key, row.default]));
  const origins: Record<string, Origin> = Object.fromEntries(
    [...rows.keys()].map((key) => [key, 'default']),
  );
  const problems: Problem[] = [];
  for (const given of found) {
    const read = readOne(given);
    if ('problem' in read) {
      problems.push(read);
      continue;
    }
    values.set(given.key, read.value);
    origins[given.key] = read.origin;
  }
  const settings = settingsOf(values);
  const wrong = new Set(problems.map(({ setting }) => setting));
  for (const { isBroken, about, problem } of contradictions(settings)) {
    if (!isBroken || about.some((setting) => wrong.has(setting))) continue;
    const [setting] = about;
    problems.push({ setting, from: spelled(setting, origins[setting] ?? 'default'), problem });
  }
  return problems.length > 0
    ? { kind: 'refused', problems }
    : { kind: 'settings', settings: frozen(settings), origins: frozen(origins) };
}

/** The file that the command line or the environment names: it has to be read before the settings can be. */
export function settingsFile(args: readonly string[], env: Environment): string | undefined {
  const found = [...readEnvironment(env), ...readFlags(args, isSwitch)];
  const named = found.findLast((one): one is Given => one.key === 'config' && 'text' in one);
  return named?.text;
}

/** A problem as a sentence. */
export function explain({ setting, from, seen, problem }: Problem): string {
  const value = seen === undefined ? '' : ` ${JSON.stringify(seen)}`;
  return `${setting}:${value} (${from}) ${problem}.`;
}

const spelled = (key: string, origin: Origin) =>
  ({
    default: 'by default',
    file: key,
    environment: variableOf(key),
    flag: flagOf(key),
  })[origin];

const isSwitch = (key: string) => typeof rows.get(key)?.default === 'boolean';

const notConfig = (found: Found): Found =>
  found.key === 'config' && 'text' in found
    ? { key: 'config', from: found.from, problem: 'cannot be set in the file itself' }
    : found;

function readOne(found: Found): Problem | (Given & { readonly value: Value }) {
  const { key, from } = found;
  const row = rows.get(key);
  if (row === undefined) return { setting: key, from, problem: unknown(found) };
  if ('problem' in found) return { setting: key, from, problem: found.problem };
  const value = row.parser.parse(found.text);
  if (value !== undefined) return { ...found, value };
  return {
    setting: key,
    from,
    seen: shortened(found.text),
    problem: `must be ${row.parser.allowed}`,
  };
}

function unknown(found: Found): string {
  if ('problem' in found && found.from === commandLine) return found.problem;
  const meant = suggest(found.key, [...rows.keys()]);
  if (meant === undefined) return 'is no setting';
  return `is no setting; the nearest is ${spelled(meant, 'origin' in found ? found.origin : 'flag')}`;
}

const shortened = (text: string) => (text.length > 80 ? `${text.slice(0, 80)}…` : text);

function settingsOf(values: ReadonlyMap<string, Value>): Settings {
  const single = Object.keys(table).map((name) => [name, values.get(kebab(name))] as const);
  const images = agentLanguages.map((language) => [language, values.get(imageKey(language))]);
  return {
    ...(Object.fromEntries(single) as unknown as Values),
    images: Object.fromEntries(images) as Record<AgentLanguage, string>,
    disabled: agentLanguages.filter((language) => values.get(enableKey(language)) === false),
  };
}

interface Rule {
  readonly isBroken: boolean;
  /** The settings concerned; the first is the one to look at. */
  readonly about: readonly [string, ...string[]];
  readonly problem: string;
}

/** Settings that are right each for itself and wrong together. */
function contradictions(settings: Settings): readonly Rule[] {
  const { role, certificates, certificateDir, manifests, kubeconfig, context } = settings;
  const { attemptsPerDay, attemptsPerWeek } = settings;
  const { webhookPort, metricsPort, probePort } = settings;
  return [
    {
      isBroken: certificates === 'files' && certificateDir === undefined,
      about: ['certificate-dir', 'certificates'],
      problem: 'must be set when certificates is files',
    },
    {
      isBroken: certificates === 'self-managed' && certificateDir !== undefined,
      about: ['certificate-dir', 'certificates'],
      problem: 'has no effect unless certificates is files',
    },
    {
      isBroken: manifests !== undefined && (kubeconfig ?? context) !== undefined,
      about: ['manifests', 'kubeconfig', 'context'],
      problem: 'stands in for a cluster, so neither kubeconfig nor context may be set',
    },
    {
      isBroken: manifests !== undefined && role !== 'webhook',
      about: ['manifests', 'role'],
      problem: 'stands in for a cluster, in which only the role webhook has something to do',
    },
    {
      isBroken: attemptsPerDay > attemptsPerWeek,
      about: ['attempts-per-day', 'attempts-per-week'],
      problem: 'must not be more than attempts-per-week',
    },
    {
      isBroken: webhookPort !== 0 && (webhookPort === metricsPort || webhookPort === probePort),
      about: ['webhook-port', 'metrics-port', 'probe-port'],
      problem: 'must differ from metrics-port and probe-port',
    },
  ];
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function frozen<T extends object>(value: T): Readonly<T> {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) frozen(member as object);
  }
  return Object.freeze(value);
}
