import { request as httpsRequest, type Agent } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Fact } from '../../../domain/facts.ts';
import type { World } from '../../../domain/injection/match.ts';
import { isObject, objectAt, type Json, type JsonObject } from '../../../domain/json.ts';
import type { Operation } from '../../../domain/injection/patch.ts';
import { isQuiet, type Surroundings } from '../../../controller/webhook/admission.ts';
import { readPair, type Pair } from '../../../controller/webhook/certificates/pair.ts';
import { issueAuthority, issueServing } from '../../../controller/webhook/certificates/x509.ts';
import { readCertificates, readKey } from '../../../controller/webhook/certificates/pair.ts';
import { applyPatch } from '../../../controller/webhook/check/apply.ts';
import { usualLimits } from '../../../controller/webhook/gate.ts';
import { createRepeats } from '../../../controller/webhook/repeats/repeats.ts';
import { parseReview, type Review } from '../../../controller/webhook/review.ts';
import {
  createWebhookServer,
  type ServerOptions,
  type WebhookServer,
} from '../../../controller/webhook/server.ts';
import { answerInstrumentation } from '../../../controller/webhook/validation.ts';
import { machineTime, type Time } from '../../../controller/kube/pace.ts';
import { aWorld } from '../../support/build.ts';

export const uid = '705ab4f5-6393-11e8-b7cc-42010a800002';

/** A review as an API server sends it, member for member in its order. */
export const aReview = (object: Json, differences: JsonObject = {}): JsonObject => ({
  kind: 'AdmissionReview',
  apiVersion: 'admission.k8s.io/v1',
  request: {
    uid,
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    requestKind: { group: '', version: 'v1', kind: 'Pod' },
    requestResource: { group: '', version: 'v1', resource: 'pods' },
    namespace: 'shop',
    operation: 'CREATE',
    userInfo: { username: 'system:serviceaccount:kube-system:replicaset-controller' },
    object,
    oldObject: null,
    dryRun: false,
    options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    ...differences,
  },
});

export const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

export function parsed(value: unknown): Review {
  const outcome = parseReview(bytesOf(value));
  if (outcome.kind === 'refused') throw new Error(`refused: ${outcome.problem}`);
  return outcome.review;
}

export const reviewOf = (object: Json, differences?: JsonObject): Review =>
  parsed(aReview(object, differences));

export const around = (world: World = aWorld(), fingerprint = 'f00d'): Surroundings => ({
  worldOf: () => world,
  fingerprint: () => fingerprint,
});

export const operationsIn = (patch = '[]'): readonly Operation[] =>
  JSON.parse(patch) as readonly Operation[];

/** The pod as an API server would go on with it. */
export function patched(pod: JsonObject, patch: string | undefined): JsonObject {
  const after = applyPatch(pod, operationsIn(patch));
  if (after === undefined) throw new Error(`does not apply: ${patch}`);
  return after;
}

/** What an API server reads in a reply. */
export function responseIn(text: string): JsonObject {
  const json: unknown = JSON.parse(text);
  const response = isObject(json) ? objectAt(json, 'response') : undefined;
  if (response === undefined) throw new Error(`no response: ${text}`);
  return response;
}

export const patchIn = (response: JsonObject): string | undefined => {
  const { patch } = response;
  return typeof patch === 'string' ? Buffer.from(patch, 'base64').toString() : undefined;
};

/** Time that passes when the test says so. */
export class TestTime implements Time {
  #now: number;
  readonly #sleepers = new Set<{ readonly until: number; readonly wakeUp: () => void }>();

  constructor(start = Date.UTC(2027, 0, 1)) {
    this.#now = start;
  }

  /** How often somebody has looked at the clock: each request does when it has arrived. */
  reads = 0;

  now(): number {
    this.reads += 1;
    return this.#now;
  }

  wall(): number {
    return this.#now;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper = {
        until: this.#now + ms,
        wakeUp: () => {
          this.#sleepers.delete(sleeper);
          resolve();
        },
      };
      if (signal?.aborted || ms <= 0) resolve();
      else this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', sleeper.wakeUp, { once: true });
    });
  }

  get sleepers(): number {
    return this.#sleepers.size;
  }

  pass(ms: number): void {
    this.#now += ms;
    for (const sleeper of this.#sleepers) if (sleeper.until <= this.#now) sleeper.wakeUp();
  }
}

export interface TestPair extends Pair {
  readonly authority: string;
}

/** A pair for 127.0.0.1 with an authority of its own. */
export function aPair(
  names: readonly string[] = ['127.0.0.1', 'localhost'],
  from = Date.now() - 60_000,
  until = Date.now() + 86_400_000,
): TestPair {
  const period = { from: new Date(from), until: new Date(until) };
  const authority = issueAuthority('the tests', period);
  const [certificate] = readCertificates(authority.certificate);
  const privateKey = readKey(authority.key);
  if (certificate === undefined || privateKey === undefined) throw new Error('no authority');
  const issuer = { name: 'the tests', publicKey: certificate.publicKey, privateKey };
  const issued = issueServing(names, period, issuer);
  const read = readPair(issued.certificate, issued.key);
  if (read.kind === 'unsound') throw new Error(read.problem);
  return { ...read.pair, authority: authority.certificate };
}

export interface Running {
  readonly server: WebhookServer;
  readonly port: number;
  readonly facts: Fact[];
  readonly pair: TestPair;
}

/** A webhook on the loopback; it is stopped when the test ends. */
export async function running(
  t: { readonly teardown: (implementation: () => void | Promise<void>) => void },
  differences: Partial<ServerOptions> = {},
): Promise<Running> {
  const facts: Fact[] = [];
  const surroundings = around();
  const repeats = createRepeats(surroundings);
  const server = createWebhookServer({
    host: '127.0.0.1',
    port: 0,
    answers: {
      pods: repeats.answer,
      instrumentations: (review) =>
        answerInstrumentation(review, () => ({ allowed: true, warnings: [] })),
    },
    isQuiet: (namespace) => isQuiet(surroundings.worldOf(namespace)),
    isFamiliar: repeats.isFamiliar,
    record: (fact) => facts.push(fact),
    limits: usualLimits,
    time: machineTime,
    missing: () => [],
    ...differences,
  });
  const pair = aPair();
  server.show(pair);
  const { port }: AddressInfo = await server.listen();
  t.teardown(async () => {
    await server.stop({ lingerMs: 0, graceMs: 0 });
  });
  return { server, port, facts, pair };
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Post {
  readonly port: number;
  readonly ca: string | string[];
  readonly body: Buffer | string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent | false;
}

export function post({ port, ca, body, ...rest }: Post): Promise<Reply> {
  const { path = '/mutate-pod?timeout=3s', method = 'POST', headers = {}, agent = false } = rest;
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        servername: 'localhost',
        port,
        path,
        method,
        ca,
        agent,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** Waits for what the test expects, and says what it waited for when it does not come. */
export async function eventually(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  limitMs = 60_000,
): Promise<void> {
  const endsAt = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > endsAt) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
