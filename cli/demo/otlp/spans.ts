import { fieldsOf } from './wire.ts';

/** What the demo shows of a span. */
export interface Span {
  readonly service: string;
  readonly pod: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentId: string;
  readonly name: string;
  readonly startedAt: bigint;
  readonly endedAt: bigint;
}

/** The numbers that opentelemetry-proto gives to the fields we read. */
const numbers = {
  request: { resourceSpans: 1 },
  resourceSpans: { resource: 1, scopeSpans: 2 },
  resource: { attributes: 1 },
  scopeSpans: { spans: 2 },
  span: { traceId: 1, spanId: 2, parentId: 4, name: 5, startedAt: 7, endedAt: 8 },
  attribute: { key: 1, value: 2 },
  value: { text: 1 },
} as const;

/** Reads an ExportTraceServiceRequest as OTLP over HTTP carries it. */
export function readSpans(request: Uint8Array): readonly Span[] {
  return messages(request, numbers.request.resourceSpans).flatMap((resourceSpans) => {
    const [resource = nothing] = messages(resourceSpans, numbers.resourceSpans.resource);
    const attributes = new Map(messages(resource, numbers.resource.attributes).map(readAttribute));
    const service = attributes.get('service.name') ?? '';
    const pod = attributes.get('k8s.pod.name') ?? '';
    return messages(resourceSpans, numbers.resourceSpans.scopeSpans)
      .flatMap((scopeSpans) => messages(scopeSpans, numbers.scopeSpans.spans))
      .map((span) => ({ service, pod, ...readSpan(span) }));
  });
}

const nothing = new Uint8Array();

function readSpan(span: Uint8Array): Omit<Span, 'service' | 'pod'> {
  const fields = new Map(fieldsOf(span).map(({ number, value }) => [number, value]));
  const bytes = (number: number) => {
    const value = fields.get(number);
    return value instanceof Uint8Array ? value : nothing;
  };
  const time = (number: number) => {
    const value = fields.get(number);
    return typeof value === 'bigint' ? value : 0n;
  };
  const { traceId, spanId, parentId, name, startedAt, endedAt } = numbers.span;
  return {
    traceId: hex(bytes(traceId)),
    spanId: hex(bytes(spanId)),
    parentId: hex(bytes(parentId)),
    name: text(bytes(name)),
    startedAt: time(startedAt),
    endedAt: time(endedAt),
  };
}

function readAttribute(attribute: Uint8Array): readonly [string, string] {
  const [key = nothing] = messages(attribute, numbers.attribute.key);
  const [value = nothing] = messages(attribute, numbers.attribute.value);
  const [words = nothing] = messages(value, numbers.value.text);
  return [text(key), text(words)];
}

const messages = (message: Uint8Array, wanted: number): readonly Uint8Array[] =>
  fieldsOf(message).flatMap(({ number, value }) =>
    number === wanted && value instanceof Uint8Array ? [value] : [],
  );

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
