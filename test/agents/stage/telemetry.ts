import { readFile } from 'node:fs/promises';

/** What a span, a metric or a line of a log says of its sender. */
export type Resource = ReadonlyMap<string, string>;

export interface Span {
  readonly traceId: string;
  readonly id: string;
  readonly parentId: string;
  readonly kind: 'server' | 'client' | 'other';
  readonly resource: Resource;
  readonly attributes: Resource;
}

export interface Line {
  readonly text: string;
  readonly traceId: string;
  readonly resource: Resource;
}

export interface Telemetry {
  readonly spans: readonly Span[];
  readonly lines: readonly Line[];
  /** The names of metrics, by who sent them. */
  readonly metrics: readonly { readonly name: string; readonly resource: Resource }[];
}

/** Reads what the Collector has written: a message a line, the last of which may be half written. */
export async function readTelemetry(path: string): Promise<Telemetry> {
  const text = await readFile(path, 'utf8');
  const messages = text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Message);
  return {
    spans: messages.flatMap(({ resourceSpans = [] }) => resourceSpans.flatMap(spansOf)),
    lines: messages.flatMap(({ resourceLogs = [] }) => resourceLogs.flatMap(linesOf)),
    metrics: messages.flatMap(({ resourceMetrics = [] }) => resourceMetrics.flatMap(metricsOf)),
  };
}

interface Message {
  readonly resourceSpans?: readonly ResourceSpans[];
  readonly resourceLogs?: readonly ResourceLogs[];
  readonly resourceMetrics?: readonly ResourceMetrics[];
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Sent {
  readonly resource: { readonly attributes?: readonly Attribute[] };
}

interface ResourceSpans extends Sent {
  readonly scopeSpans: readonly {
    readonly spans: readonly {
      readonly traceId: string;
      readonly spanId: string;
      readonly parentSpanId?: string;
      readonly kind?: number;
      readonly attributes?: readonly Attribute[];
    }[];
  }[];
}

interface ResourceLogs extends Sent {
  readonly scopeLogs: readonly {
    readonly logRecords: readonly {
      readonly traceId?: string;
      readonly body: { readonly stringValue?: string };
    }[];
  }[];
}

interface ResourceMetrics extends Sent {
  readonly scopeMetrics: readonly { readonly metrics: readonly { readonly name: string }[] }[];
}

const kinds: Readonly<Record<number, Span['kind']>> = { 2: 'server', 3: 'client' };

function spansOf({ resource, scopeSpans }: ResourceSpans): readonly Span[] {
  const sender = mapOf(resource.attributes);
  return scopeSpans.flatMap(({ spans }) =>
    spans.map(({ traceId, spanId, parentSpanId = '', kind = 0, attributes }) => ({
      traceId,
      id: spanId,
      parentId: parentSpanId,
      kind: kinds[kind] ?? 'other',
      resource: sender,
      attributes: mapOf(attributes),
    })),
  );
}

function linesOf({ resource, scopeLogs }: ResourceLogs): readonly Line[] {
  const sender = mapOf(resource.attributes);
  return scopeLogs.flatMap(({ logRecords }) =>
    logRecords.map(({ traceId = '', body }) => ({
      text: body.stringValue ?? '',
      traceId,
      resource: sender,
    })),
  );
}

function metricsOf({ resource, scopeMetrics }: ResourceMetrics) {
  const sender = mapOf(resource.attributes);
  return scopeMetrics.flatMap(({ metrics }) =>
    metrics.map(({ name }) => ({ name, resource: sender })),
  );
}

const mapOf = (attributes: readonly Attribute[] = []): Resource =>
  new Map(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]));
