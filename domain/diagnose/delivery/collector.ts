import { listAt, isObject, objectAt, textAt, type JsonObject } from '../../json.ts';
import { placeOf, specOf, type Cluster } from '../cluster.ts';
import { finding, type Finding } from '../finding.ts';
import { podsBehind } from './service.ts';

interface Place {
  readonly service: JsonObject;
  readonly about: string;
  /** On which the Collector should listen. */
  readonly port: number;
  readonly workloads: readonly string[];
}

/** Whether the Collector behind a Service listens, as far as its ConfigMaps tell. */
export function collectorFindings(
  cluster: Cluster,
  { service, about, port, workloads }: Place,
): readonly Finding[] {
  const protocol = port === 4317 ? 'grpc' : 'http';
  if (port !== 4317 && port !== 4318) return [];
  const text = configurationsOf(cluster, service).find(receives);
  if (text === undefined) return [];
  const words = { protocol, port: String(port) };
  const listens = listeningOf(text, protocol);
  if (listens === 'absent') {
    return [finding('CollectorLacksProtocol', about, { detail: protocol, workloads, words })];
  }
  if (listens === 'locally') {
    return [finding('CollectorListensLocally', about, { detail: protocol, workloads, words })];
  }
  return isIdle(text) ? [finding('CollectorReceiverUnused', about, { workloads })] : [];
}

function configurationsOf(cluster: Cluster, service: JsonObject): readonly string[] {
  const [namespace = ''] = placeOf(service).split('/');
  const [pod] = podsBehind(cluster, service);
  const volumes = (listAt(specOf(pod ?? {}), 'volumes') ?? []).filter(isObject);
  return volumes.flatMap((volume) => {
    const name = textAt(objectAt(volume, 'configMap') ?? {}, 'name');
    const map = name === undefined ? undefined : cluster.find('ConfigMap', namespace, name);
    const values = Object.values(objectAt(map ?? {}, 'data') ?? {});
    return values.filter((value) => typeof value === 'string');
  });
}

const receives = (text: string) => /^receivers:/m.test(text) && /^\s*otlp:/m.test(text);

type Listening = 'openly' | 'locally' | 'absent' | 'unknown';

/**
 * Read line by line, and only in the form in which everybody writes it: what is written otherwise is
 * no finding. Since 0.104 a Collector without an endpoint listens on localhost.
 */
function listeningOf(text: string, protocol: 'grpc' | 'http'): Listening {
  const lines = linesOf(text);
  const start = lines.findIndex((line) => /^\s+otlp:\s*$/.test(line));
  if (start === -1) return 'unknown';
  const otlp = blockAfter(lines, start);
  const protocols = otlp.findIndex((line) => /^\s+protocols:\s*$/.test(line));
  if (protocols === -1) return 'unknown';
  const inner = blockAfter(otlp, protocols);
  const place = inner.findIndex((line) => new RegExp(`^\\s+${protocol}:`).test(line));
  if (place === -1) return 'absent';
  const rest = (inner[place] ?? '').replace(/^[^:]*:/, '').trim();
  const block = [rest, ...blockAfter(inner, place)].join('\n');
  if (/endpoint:\s*['"]?(?:localhost|127\.0\.0\.1|\[::1\])/.test(block)) return 'locally';
  const isBare = block.replaceAll(/[\s{}]/g, '') === '' && !rest.includes('$');
  return isBare ? 'locally' : 'openly';
}

/** What no pipeline takes from is not started. */
function isIdle(text: string): boolean {
  const lines = linesOf(text);
  const service = blockAfter(
    lines,
    lines.findIndex((line) => /^service:\s*$/.test(line)),
  );
  const taken = service.flatMap((line, index) =>
    /^\s+receivers:/.test(line) ? [line, ...itemsAfter(service, index)] : [],
  );
  return taken.length > 0 && !taken.some((line) => /\botlp\b|[*$]/.test(line));
}

const linesOf = (text: string) =>
  text.split('\n').filter((line) => /\S/.test(line) && !/^\s*#/.test(line));

/** The items of a list may stand right below its name. */
function itemsAfter(lines: readonly string[], index: number): readonly string[] {
  const depth = indentOf(lines[index] ?? '');
  const below = lines.slice(index + 1);
  const end = below.findIndex((line) => indentOf(line) <= depth && !/^\s*-/.test(line));
  return end === -1 ? below : below.slice(0, end);
}

/** The lines below one that stand further to the right. */
function blockAfter(lines: readonly string[], index: number): readonly string[] {
  const depth = indentOf(lines[index] ?? '');
  const below = lines.slice(index + 1);
  const end = below.findIndex((line) => indentOf(line) <= depth);
  return end === -1 ? below : below.slice(0, end);
}

const indentOf = (line: string) => line.length - line.trimStart().length;
