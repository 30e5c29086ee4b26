import { isMap, isScalar, LineCounter, parseDocument, type Pair } from 'yaml';

export type Origin = 'default' | 'file' | 'environment' | 'flag';

/** A value as it was written. */
export interface Given {
  readonly key: string;
  readonly text: string;
  readonly origin: Origin;
  /** Where a person finds it: `--webhook-port`, `RETROFIT_WEBHOOK_PORT`, `line 3 of the file`. */
  readonly from: string;
}

export interface Unreadable {
  readonly key: string;
  readonly from: string;
  readonly problem: string;
}

export type Found = Given | Unreadable;

export const commandLine = 'the command line';

const prefix = 'RETROFIT_';

export const variableOf = (key: string) => prefix + key.toUpperCase().replaceAll('-', '_');
export const flagOf = (key: string) => `--${key}`;

/** `--key value`, `--key=value`, and `--key` alone where the setting says yes or no. */
export function readFlags(args: readonly string[], isSwitch: (key: string) => boolean): Found[] {
  const found: Found[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const parts = /^--(?<key>[^=]+)(?:=(?<value>[^]*))?$/.exec(arg)?.groups;
    const key = parts?.['key'];
    if (key === undefined) {
      found.push({
        key: arg,
        from: commandLine,
        problem: 'is no setting: all begin with --',
      });
      continue;
    }
    const text = parts?.['value'] ?? valueAfter(rest, isSwitch(key));
    if (text === undefined) found.push({ key, from: flagOf(key), problem: 'has no value' });
    else found.push({ key, text, origin: 'flag', from: flagOf(key) });
  }
  return found;
}

function valueAfter(rest: string[], isSwitch: boolean): string | undefined {
  const [next] = rest;
  if (isSwitch && !/^(?:true|false)$/i.test(next ?? '')) return 'true';
  return next === undefined || next.startsWith('--') ? undefined : rest.shift();
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** An empty variable counts as unset: manifests often leave them so. */
export function readEnvironment(env: Environment): Found[] {
  return Object.entries(env).flatMap(([name, text]) => {
    if (!name.startsWith(prefix) || !text || isServiceLink(name, text)) return [];
    const key = name.slice(prefix.length).toLowerCase().replaceAll('_', '-');
    return [{ key, text, origin: 'environment' as const, from: name }];
  });
}

/** Kubernetes describes Services in the environment of pods; one called `retrofit-webhook` would look like ours. */
const isServiceLink = (name: string, text: string) =>
  /_SERVICE_(?:HOST|PORT(?:_\w+)?)$|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?$/.test(name) ||
  /^(?:tcp|udp|sctp):\/\//.test(text);

export function readFile(fileText: string): Found[] {
  const lines = new LineCounter();
  const document = parseDocument(fileText, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number | undefined) => `line ${lines.linePos(offset ?? 0).line} of the file`;
  if (document.errors.length > 0) {
    return document.errors.map(({ pos, message }) => ({
      key: 'config',
      from: at(pos[0]),
      problem: `is no YAML: ${message}`,
    }));
  }
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return [];
  if (!isMap(contents)) {
    const problem = 'must be a list of lines such as "webhook-port: 9443"';
    return [{ key: 'config', from: at(contents.range?.[0]), problem }];
  }
  return contents.items.map((pair) => readPair(pair, at));
}

function readPair({ key, value }: Pair, at: (offset: number | undefined) => string): Found {
  const name = isScalar(key) ? String(key.value) : 'config';
  const from = at(isScalar(key) ? key.range?.[0] : undefined);
  if (!isScalar(key)) return { key: name, from, problem: 'has a key that is no name' };
  if (!isScalar(value)) return { key: name, from, problem: 'must have a single value' };
  if (value.value === null) return { key: name, from, problem: 'has no value' };
  const text = typeof value.value === 'string' ? value.value : (value.source ?? '');
  return { key: name, text, origin: 'file', from };
}
