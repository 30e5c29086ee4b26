import { Agent, request } from 'node:https';
import { text as readText } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import type { Fields, Json } from './api.ts';
import { at, fieldsOf, listOf, textOf, type Thing } from './objects/json.ts';
import { isCustom, whole } from './objects/kinds.ts';
import { jsonPatch } from './objects/patch.ts';
import { internal, Refusal } from './objects/refusals.ts';
import { matchesLabels } from './objects/selectors.ts';
import type { Store } from './store.ts';
import { untyped } from './verbs/bodies.ts';
import { readReview, reviewOf, type Admitted } from './verbs/reviews.ts';

/** Asks the webhooks that somebody registered, before anything is stored. */
export class Admission {
  readonly #store: Store;
  /** One per authority, so that connections are kept. */
  readonly #agents = new Map<string, Agent>();

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * The object as the webhooks want it: one after the other, by the configurations' names. Whoever asked
   * for it is asked once more when a later one changed what it had seen.
   */
  async mutate(admitted: Admitted, finish: (thing: Thing) => Thing): Promise<Thing | undefined> {
    const webhooks = this.#webhooks('mutating', admitted);
    const left = new Map<Fields, Thing | undefined>();
    let { object } = admitted;
    const ask = async (webhook: Fields) => {
      if (!this.#concerns(webhook, { ...admitted, object })) return;
      const patch = await this.#ask(webhook, { ...admitted, object });
      if (object !== undefined && patch.length > 0)
        object = finish(patched(admitted, object, patch));
      left.set(webhook, object);
    };
    for (const webhook of webhooks) await ask(webhook);
    for (const webhook of webhooks) {
      const isChanged = left.has(webhook) && !isDeepStrictEqual(left.get(webhook), object);
      if (isChanged && webhook['reinvocationPolicy'] === 'IfNeeded') await ask(webhook);
    }
    return object;
  }

  /** All are asked at once; any refusal counts. */
  async validate(admitted: Admitted): Promise<void> {
    const webhooks = this.#webhooks('validating', admitted);
    const concerned = webhooks.filter((webhook) => this.#concerns(webhook, admitted));
    await Promise.all(concerned.map((webhook) => this.#ask(webhook, admitted)));
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }

  #webhooks(type: 'mutating' | 'validating', { target }: Admitted): readonly Fields[] {
    const group = 'admissionregistration.k8s.io';
    if (target.kind.group === group) return [];
    const configurations = this.#store.of(`${type}webhookconfigurations.${group}`).list();
    return configurations.flatMap(({ webhooks }) => listOf(webhooks).map(fieldsOf));
  }

  #concerns(webhook: Fields, admitted: Admitted): boolean {
    const { target, object, old } = admitted;
    if (!listOf(webhook['rules']).some((rule) => covers(fieldsOf(rule), admitted))) return false;
    const isNamespace = target.kind.kind === 'Namespace';
    const home = this.#store.of('namespaces').get('', target.namespace);
    const labels = (isNamespace ? (object ?? old) : home)?.metadata.labels ?? {};
    const isHomeless = !isNamespace && !target.kind.namespaced;
    if (!isHomeless && !matchesLabels(webhook['namespaceSelector'], labels)) return false;
    return [object, old].some(
      (thing) => thing && matchesLabels(webhook['objectSelector'], thing.metadata.labels ?? {}),
    );
  }

  /** The patch it answers with. A call that fails counts as an empty one under failurePolicy Ignore. */
  async #ask(webhook: Fields, admitted: Admitted): Promise<readonly Json[]> {
    const answered = await this.#call(webhook, admitted).catch(String);
    if (typeof answered === 'string') {
      if (webhook['failurePolicy'] === 'Ignore') return [];
      throw internal(`failed calling webhook "${textOf(webhook['name'])}": ${answered}`);
    }
    admitted.call.warnings.push(...listOf(answered['warnings']).map(textOf));
    if (answered['allowed'] === true) return listOf(answered['patch']);
    const { code, message = 'without explanation', reason } = fieldsOf(answered['status']);
    const text = `admission webhook "${textOf(webhook['name'])}" denied the request: ${textOf(message)}`;
    throw new Refusal(typeof code === 'number' && code >= 400 ? code : 400, text, { reason });
  }

  async #call(webhook: Fields, admitted: Admitted): Promise<Fields> {
    const seconds = Number(webhook['timeoutSeconds']);
    const url = textOf(at(webhook, 'clientConfig.url'));
    if (url === '') throw new Error('there is no cluster network here: give a url, not a service');
    if (!listOf(webhook['admissionReviewVersions']).includes('v1'))
      throw new Error('it does not read AdmissionReview v1');
    const ca = Buffer.from(textOf(at(webhook, 'clientConfig.caBundle')), 'base64').toString();
    const agent = this.#agents.get(ca) ?? new Agent({ keepAlive: true, ca, maxFreeSockets: 25 });
    this.#agents.set(ca, agent);
    const review = reviewOf(admitted);
    const options = { agent, signal: AbortSignal.timeout(seconds * 1_000) };
    const text = await post(`${url}?timeout=${seconds}s`, JSON.stringify(review), options);
    return readReview(text, review.request.uid);
  }
}

/** A patch that cannot be applied is an error whatever the failure policy says. */
function patched({ target }: Admitted, object: Thing, patch: readonly Json[]): Thing {
  try {
    return untyped(jsonPatch(whole(target.kind, object), patch));
  } catch (error) {
    throw internal(String(error));
  }
}

function covers(rule: Fields, { operation, target: { kind, subresource } }: Admitted): boolean {
  const names = (list: string, wanted: string) =>
    listOf(rule[list]).some((one) => one === '*' || one === wanted);
  const isNamed = listOf(rule['resources']).some((one) => {
    const [resource = '', part = ''] = textOf(one).split('/');
    return ['*', kind.plural].includes(resource) && ['*', subresource].includes(part);
  });
  return (
    isNamed &&
    names('operations', operation) &&
    names('apiGroups', kind.group) &&
    (isCustom(kind) || names('apiVersions', kind.version)) &&
    ['*', kind.namespaced ? 'Namespaced' : 'Cluster'].includes(textOf(rule['scope']))
  );
}

const headers = {
  'user-agent': 'kube-apiserver-admission',
  accept: 'application/json, */*',
  'content-type': 'application/json',
};

/** The text of an answer with code 200; all else is an error. */
function post(url: string, body: string, options: { agent: Agent; signal: AbortSignal }) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asked = request(url, { method: 'POST', headers, ...options }, (response) => {
    if (response.statusCode === 200) readText(response).then(resolve, reject);
    else {
      response.resume();
      reject(new Error(`it answered ${response.statusCode}`));
    }
  });
  asked.on('error', reject);
  asked.end(body);
  return promise;
}
