import type { Answer, Api, CallOptions, Json, WatchEvent } from './api.ts';
import type { User } from './objects/calls.ts';
import { freeze } from './objects/json.ts';
import { answer, type Reply } from './requests.ts';
import { warningOf, type Door } from './server.ts';

/** The same answers without a wire in between; what is handed out is what is stored, hence frozen. */
export function createApi({ office, record }: Door, user: User): Api {
  const userAgent = 'sandbox';
  const ask = async (method: string, path: string, type: string, body?: Json) => {
    const warnings: string[] = [];
    const url = new URL(path, 'https://sandbox');
    const call = { method, url, user, userAgent, accept: '', type, body, warnings };
    const reply = await answer(office, call);
    record({ method, path, user: user.name, userAgent, code: reply.code });
    return { reply, headers: warningOf(warnings) };
  };
  return {
    async call<T>(method: string, path: string, body?: object, options: CallOptions = {}) {
      const copy = body === undefined ? undefined : (JSON.parse(JSON.stringify(body)) as Json);
      const { reply, headers } = await ask(method, path, options.type ?? 'application/json', copy);
      const told: Answer<unknown> = {
        code: reply.code,
        body: freeze(await bodyOf(reply)),
        headers,
      };
      return told as Answer<T>;
    },
    async *watch<T>(path: string, signal: AbortSignal) {
      const { reply } = await ask('GET', `${path}${path.includes('?') ? '&' : '?'}watch=true`, '');
      if (reply.kind !== 'stream')
        throw new Error(`watching ${path}: ${JSON.stringify(await bodyOf(reply))}`);
      yield* events(reply, signal) as AsyncIterable<unknown> as AsyncIterable<WatchEvent<T>>;
    },
  };
}

async function bodyOf(reply: Reply): Promise<unknown> {
  if (reply.kind === 'pipe') return (await reply.from.toArray()).join('');
  return reply.kind === 'stream' ? '' : reply.body;
}

function events({ open }: Extract<Reply, { kind: 'stream' }>, signal: AbortSignal) {
  const over = new AbortController();
  return new ReadableStream({
    start(controller) {
      const end = () => {
        if (!over.signal.aborted) controller.close();
        over.abort();
      };
      over.signal.addEventListener(
        'abort',
        open({ take: (event) => controller.enqueue(event), end }),
      );
      signal.addEventListener('abort', end, { signal: over.signal });
      if (signal.aborted) end();
    },
    cancel: () => over.abort(),
  });
}
