import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json as readJson } from 'node:stream/consumers';
import { createAuthority } from '../../sandbox/certificates.ts';
import type { Thing } from './fact.ts';

/** What a webhook is asked, as far as a fact looks at it. */
export interface Question {
  readonly uid: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly operation: string;
  readonly subResource?: string;
  readonly dryRun: boolean;
  readonly object: Thing | null;
  readonly oldObject: Thing | null;
  readonly kind: { readonly kind: string };
  readonly options: { readonly kind: string };
}

/** An answer: an object, a text, or a mere code. */
export type Behaviour = (question: Question) => unknown;

/** A server of webhooks that a fact can register. */
export interface Hooks {
  /** Where the API server finds it. */
  clientConfig(behaviour: Behaviour): { readonly url: string; readonly caBundle: string };
  stop(): void;
}

export async function startHooks(): Promise<Hooks> {
  const authority = createAuthority(new Date());
  const { certificate: cert, key } = authority.issue({ name: 'hooks', addresses: ['127.0.0.1'] });
  const behaviours = new Map<string, Behaviour>();
  // To let go of a connection while an API server takes it up again would fail a call.
  const server = createServer({ cert, key, keepAliveTimeout: 0 }, (incoming, outgoing) => {
    void (async () => {
      const { request } = (await readJson(incoming)) as { request: Question };
      const { pathname } = new URL(incoming.url ?? '', 'https://hooks');
      const answer = await behaviours.get(pathname)?.(request);
      if (typeof answer === 'number') outgoing.writeHead(answer).end();
      else outgoing.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    clientConfig(behaviour) {
      const path = `/${behaviours.size}`;
      behaviours.set(path, behaviour);
      const caBundle = Buffer.from(authority.certificate).toString('base64');
      return { url: `https://127.0.0.1:${port}${path}`, caBundle };
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const review = (response: object) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  response,
});

export const allow = ({ uid }: Pick<Question, 'uid'>, more: object = {}) =>
  review({ uid, allowed: true, ...more });

export const deny = ({ uid }: Question, status: object) => review({ uid, allowed: false, status });

export const change = (question: Question, operations: unknown) => {
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  return allow(question, { patchType: 'JSONPatch', patch });
};

/** Puts an annotation on the object, unless it has it. */
export function annotate(question: Question, key: string) {
  const annotations = question.object?.metadata.annotations;
  if (annotations?.[key] !== undefined) return allow(question);
  return change(question, [
    ...(annotations === undefined ? [{ op: 'add', path: '/metadata/annotations', value: {} }] : []),
    { op: 'add', path: `/metadata/annotations/${key}`, value: 'yes' },
  ]);
}
