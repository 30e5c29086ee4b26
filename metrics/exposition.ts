import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

export interface Exposition {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a scrape says it can read, as its headers have it. */
export interface Wanted {
  readonly accept?: string | undefined;
  readonly acceptEncoding?: string | undefined;
}

const plainType = 'text/plain; version=0.0.4; charset=utf-8';
const openType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

const compress = promisify(gzip);

/** Puts exposition text into the form and the coding that a scrape prefers. */
export async function expose(
  text: string,
  { accept, acceptEncoding }: Wanted,
): Promise<Exposition> {
  const isOpen = prefersOpenMetrics(accept ?? '');
  const body = Buffer.from(isOpen ? openMetrics(text) : text);
  const headers = {
    'content-type': isOpen ? openType : plainType,
    vary: 'Accept, Accept-Encoding',
  };
  if (weightOf('gzip', acceptEncoding ?? '') === 0) return { headers, body };
  return { headers: { ...headers, 'content-encoding': 'gzip' }, body: await compress(body) };
}

function prefersOpenMetrics(accept: string): boolean {
  const open = weightOf('application/openmetrics-text', accept);
  return open > 0 && open >= weightOf('text/plain', accept);
}

/** The weight of an exact entry: a wildcard asks for nothing in particular. */
function weightOf(wanted: string, header: string): number {
  const weights = header
    .slice(0, 1024)
    .split(',')
    .map((entry) => entry.split(';').map((part) => part.trim().toLowerCase()))
    .filter(([name]) => name === wanted)
    .map(([, ...parameters]) => Number(parameters.find(isWeight)?.slice(2) ?? 1))
    .filter((weight) => weight > 0);
  return Math.max(0, ...weights);
}

const isWeight = (parameter: string) => parameter.startsWith('q=');

/** In OpenMetrics a counter is a family without the ending that its samples have. */
export function openMetrics(text: string): string {
  const families = text.replaceAll(
    /^# HELP (?<name>\S+)_total (?<help>.*)\n# TYPE \S+ counter$/gm,
    '# HELP $<name> $<help>\n# TYPE $<name> counter',
  );
  return `${families.replaceAll(/\n+/g, '\n')}# EOF\n`;
}
