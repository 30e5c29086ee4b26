import { Agent, request } from 'undici';
import { StringDecoder } from 'node:string_decoder';

/** How one user reaches an API server. */
export interface Access {
  readonly server: string;
  readonly caPem: string;
  /** A client certificate and its key, as PEM. */
  readonly certificate?: string;
  readonly key?: string;
  readonly token?: string;
}

/** What a body is read as where the caller does not say more: any object, or a Status. */
export interface Resource {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
  };
  /** Of a Status. */
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
}

export interface Answer<T> {
  readonly code: number;
  readonly body: T;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

export interface CallOptions {
  /** The content type of the body: a patch says which kind of patch it is. Default: JSON. */
  readonly type?: string;
}

export interface Client {
  /** Any code is an answer; only a broken connection is an error. A body that is not JSON comes as text. */
  readonly call: <T = Resource>(
    method: string,
    path: string,
    body?: object,
    options?: CallOptions,
  ) => Promise<Answer<T>>;
  /** The events of one connection, until the server or the signal ends it. */
  readonly watch: <T = Resource>(path: string, signal: AbortSignal) => AsyncIterable<WatchEvent<T>>;
  readonly close: () => Promise<void>;
}

const callTimeoutMs = 60_000;

/** The plainest client a test can steer: no retries, no cache, one request for one call. */
export function createClient({ server, caPem, certificate, key, token }: Access): Client {
  const identity = certificate === undefined ? {} : { cert: certificate, key };
  // A watch that is given up over HTTP/2 can fail after its client is gone, with nobody to hear it.
  const dispatcher = new Agent({
    allowH2: false,
    connect: { ca: caPem, ...identity, timeout: callTimeoutMs },
    bodyTimeout: 0,
  });
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    async call<T>(
      method: string,
      path: string,
      body?: object,
      options: CallOptions = {},
    ): Promise<Answer<T>> {
      const type = { 'content-type': options.type ?? 'application/json' };
      const answer = await request(`${server}${path}`, {
        dispatcher,
        method,
        headers: { ...authorization, ...(body === undefined ? {} : type) },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(callTimeoutMs),
      });
      const text = await answer.body.text();
      const isJson = String(answer.headers['content-type']).startsWith('application/json');
      const parsed = isJson ? JSON.parse(text) : text;
      return { code: answer.statusCode, body: parsed as T, headers: answer.headers };
    },
    async *watch<T>(path: string, signal: AbortSignal) {
      const url = `${server}${path}${path.includes('?') ? '&' : '?'}watch=true`;
      const { statusCode, body } = await request(url, {
        dispatcher,
        headers: authorization,
        signal,
      });
      if (statusCode !== 200) throw new Error(`GET ${url}: ${statusCode} ${await body.text()}`);
      for await (const line of linesOf(body)) yield JSON.parse(line) as WatchEvent<T>;
    },
    close: () => dispatcher.destroy(),
  };
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let begun = '';
  for await (const chunk of chunks) {
    const [first = '', ...others] = decoder.write(chunk).split('\n');
    // A long line comes in many pieces: those that are waiting are not searched again.
    begun += first;
    for (const line of others) {
      yield begun;
      begun = line;
    }
  }
}
