import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { readSpans, type Span } from './spans.ts';

/** Stands where a Collector would: takes what agents send, and remembers the spans. */
export interface Receiver {
  readonly endpoint: string;
  /** By service. */
  counts(): ReadonlyMap<string, number>;
  /** The spans of the latest trace that the condition holds for. */
  traceWhere(holds: (spans: readonly Span[]) => boolean): readonly Span[] | undefined;
  stop(): Promise<void>;
}

const mostTraces = 500;
const mostBytes = 16 * 1024 * 1024;

/** OTLP by HTTP and protobuf, on the loopback. Metrics and logs are taken, and not looked at. */
export async function startReceiver(): Promise<Receiver> {
  const counts = new Map<string, number>();
  const traces = new Map<string, Span[]>();
  const keep = (span: Span) => {
    counts.set(span.service, (counts.get(span.service) ?? 0) + 1);
    const trace = traces.get(span.traceId) ?? [];
    trace.push(span);
    traces.set(span.traceId, trace);
    const [oldest] = traces.keys();
    if (traces.size > mostTraces && oldest !== undefined) traces.delete(oldest);
  };
  const server = createServer((request, response) => {
    answer(request, response, keep).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts: () => counts,
    traceWhere: (holds) => [...traces.values()].findLast(holds),
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  keep: (span: Span) => void,
): Promise<void> {
  const body = await bodyOf(request);
  const isKnown = /^\/v1\/(?:traces|metrics|logs)$/.test(request.url ?? '');
  if (request.method !== 'POST' || !isKnown || body === undefined) {
    response.writeHead(body === undefined ? 413 : 404).end();
    return;
  }
  if (request.url === '/v1/traces') {
    if (request.headers['content-type'] !== 'application/x-protobuf') {
      response.writeHead(415).end();
      return;
    }
    for (const span of readSpans(body)) keep(span);
  }
  response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > mostBytes) return undefined;
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}
