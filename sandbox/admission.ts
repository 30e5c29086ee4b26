import { Agent, request } from 'node:https';
import { randomUUID } from 'node:crypto';
import type { Fields, Json } from './api.ts';
import type { Call, Target, WriteOptions } from './objects/calls.ts';
import { at, fieldsOf, isFields, isList, isSame, listOf, textOf, type Thing } from './objects/json.ts';
import { jsonPatch } from './objects/patch.ts';
import { internal, Refusal } from './objects/refusals.ts';
import { matchesLabels } from './objects/selectors.ts';
import { shown } from './objects/views.ts';
import type { Store } from './store.ts';

export interface Admitted {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly target: Target;
  readonly call: Call;
  readonly options: WriteOptions;
  /** As it would be stored; none on DELETE. */
  readonly object: Thing | undefined;
  readonly old: Thing | undefined;
}

interface Webhook {
  readonly name: string;
  readonly configuration: string;
  readonly fields: Fields;
}

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
    let { object } = admitted;
    const seen = new Map<Webhook, Thing | undefined>();
    for (const isSecondRound of [false, true]) {
      for (const webhook of webhooks) {
        const wasChanged = seen.has(webhook) && !isSame(seen.get(webhook), object);
        if (isSecondRound && (webhook.fields['reinvocationPolicy'] !== 'IfNeeded' || !wasChanged)) continue;
        const current = { ...admitted, object };
        if (!this.#matches(webhook, current)) continue;
        const patched = await this.#change(webhook, current);
        object = patched === undefined ? object : finish(patched);
        seen.set(webhook, object);
      }
    }
    return object;
  }

  /** All are asked at once; the first refusal counts. */
  async validate(admitted: Admitted): Promise<void> {
    const webhooks = this.#webhooks('validating', admitted).filter((webhook) => this.#matches(webhook, admitted));
    await Promise.all(webhooks.map((webhook) => this.#ask(webhook, admitted)));
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }

  #webhooks(type: 'mutating' | 'validating', { target }: Admitted): readonly Webhook[] {
    if (target.kind.group === 'admissionregistration.k8s.io') return [];
    const configurations = this.#store.of(`${type}webhookconfigurations.admissionregistration.k8s.io`).list();
    return configurations.flatMap((configuration) =>
      listOf(configuration['webhooks']).map((webhook) => ({
        name: textOf(fieldsOf(webhook)['name']),
        configuration: configuration.metadata.name,
        fields: fieldsOf(webhook),
      })),
    );
  }

  #matches({ fields }: Webhook, { operation, target, object, old }: Admitted): boolean {
    const { kind, subresource, namespace, name } = target;
    const resource = subresource === '' ? kind.plural : `${kind.plural}/${subresource}`;
    const names = (rule: Fields, list: string, ...wanted: readonly string[]) => listOf(rule[list]).some((one) => one === '*' || wanted.includes(textOf(one)));
    const isRuled = listOf(fields['rules']).map(fieldsOf).some(
      (rule) =>
        names(rule, 'operations', operation) &&
        names(rule, 'apiGroups', kind.group) &&
        (names(rule, 'apiVersions', kind.version) || (fields['matchPolicy'] === 'Equivalent' && kind.custom !== undefined)) &&
        names(rule, 'resources', resource, '*/*', `${kind.plural}/*`, `*/${subresource}`) &&
        !(listOf(rule['resources']).includes('*') && !listOf(rule['resources']).some((one) => one !== '*') && subresource !== '') &&
        (rule['scope'] === '*' || (rule['scope'] === 'Namespaced') === kind.namespaced),
    );
    if (!isRuled) return false;
    const home = kind.kind === 'Namespace' ? (object ?? this.#store.of('namespaces').get('', name)) : this.#store.of('namespaces').get('', namespace);
    const isHome = (!kind.namespaced && kind.kind !== 'Namespace') || matchesLabels(fields['namespaceSelector'], home?.metadata.labels ?? {});
    return isHome && [object, old].some((one) => one !== undefined && matchesLabels(fields['objectSelector'], one.metadata.labels ?? {}));
  }

  /** The patched object. A patch that cannot be applied is an error whatever the failure policy says. */
  async #change(webhook: Webhook, admitted: Admitted): Promise<Thing | undefined> {
    const patch = await this.#ask(webhook, admitted);
    const { object, target } = admitted;
    if (patch === undefined || patch.length === 0 || object === undefined) return undefined;
    try {
      const { kind: _k, apiVersion: _v, ...patched } = fieldsOf(jsonPatch(whole(target, object), patch));
      return patched as Thing;
    } catch (error) {
      throw internal(error instanceof Error ? error.message : String(error));
    }
  }

  /** The patch it answers with, if any. A call that fails counts as none under failurePolicy Ignore. */
  async #ask(webhook: Webhook, admitted: Admitted): Promise<readonly Json[] | undefined> {
    const answered = await this.#post(webhook, admitted).then(
      (response) => ({ response }),
      (error: unknown) => ({ why: error instanceof Error ? error.message : String(error) }),
    );
    if ('why' in answered) {
      if (webhook.fields['failurePolicy'] === 'Ignore') return undefined;
      throw internal(`failed calling webhook "${webhook.name}": ${answered.why}`);
    }
    const { response } = answered;
    admitted.call.warnings.push(...listOf(response['warnings']).map(textOf));
    if (response['allowed'] === true) return response['patch'] === undefined ? undefined : listOf(response['patch']);
    const { code, message, reason } = fieldsOf(response['status']);
    const why = message === undefined && reason === undefined ? ' without explanation' : `: ${textOf(message ?? reason)}`;
    const given = typeof code === 'number' && code >= 400 ? code : 403;
    throw new Refusal(given, textOf(reason) || (given === 403 ? 'Forbidden' : ''), `admission webhook "${webhook.name}" denied the request${why}`);
  }

  async #post({ name, fields }: Webhook, admitted: Admitted): Promise<Fields> {
    const seconds = Number(fields['timeoutSeconds']);
    const url = textOf(at(fields, 'clientConfig.url'));
    const fail = (why: string) => new Error(`failed to call webhook: Post "${url}?timeout=${seconds}s": ${why}`);
    if (url === '') throw fail('the sandbox has no cluster network: give a url instead of a service');
    if (!listOf(fields['admissionReviewVersions']).includes('v1')) throw fail('it does not accept AdmissionReview v1');
    const review = reviewOf(admitted);
    const ca = Buffer.from(textOf(at(fields, 'clientConfig.caBundle')), 'base64').toString();
    const agent = this.#agents.get(ca) ?? new Agent({ keepAlive: true, ca, maxFreeSockets: 25 });
    this.#agents.set(ca, agent);
    const signal = AbortSignal.timeout(seconds * 1_000);
    const text = await post(`${url}?timeout=${seconds}s`, { agent, signal, body: JSON.stringify(review) }).catch((error: unknown) => {
      throw fail(signal.aborted ? 'context deadline exceeded' : String(error instanceof Error ? error.message : error));
    });
    return readReview(name, text, review.request.uid);
  }
}

const whole = ({ kind, subresource }: Target, thing: Thing): Fields =>
  subresource === 'binding' ? { kind: 'Binding', apiVersion: 'v1', ...thing } : shown(kind, thing, 'whole', new Date(0));

function reviewOf({ operation, target, call, options: { dryRun, manager, validation }, object, old }: Admitted) {
  const { kind: { group, version, kind, plural }, subresource, namespace, name } = target;
  const type = subresource === 'binding' ? { group: '', version: 'v1', kind: 'Binding' } : { group, version, kind };
  const resource = { group, version, resource: plural };
  const below = subresource === '' ? {} : { subResource: subresource };
  const verb = { CREATE: 'Create', UPDATE: call.method === 'PATCH' ? 'Patch' : 'Update', DELETE: 'Delete' }[operation];
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: randomUUID(),
      kind: type,
      resource,
      ...below,
      requestKind: type,
      requestResource: resource,
      ...(subresource === '' ? {} : { requestSubResource: subresource }),
      ...(name === '' ? {} : { name }),
      ...(namespace === '' ? {} : { namespace }),
      operation,
      userInfo: { username: call.user.name, ...(call.user.uid && { uid: call.user.uid }), groups: call.user.groups },
      object: object === undefined ? null : whole(target, object),
      oldObject: old === undefined ? null : whole(target, old),
      dryRun,
      options: { kind: `${verb}Options`, apiVersion: 'meta.k8s.io/v1', ...(operation === 'DELETE' ? {} : { fieldManager: manager, fieldValidation: validation }), ...(dryRun ? { dryRun: ['All'] } : {}) },
    },
  };
}

function post(url: string, { agent, signal, body }: { agent: Agent; signal: AbortSignal; body: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      'user-agent': 'kube-apiserver-admission',
      'content-length': Buffer.byteLength(body),
      accept: 'application/json, */*',
      'content-type': 'application/json',
    };
    const asked = request(url, { method: 'POST', agent, signal, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`the server answered ${response.statusCode}: ${text.slice(0, 200)}`));
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** What a review must be to count as an answer at all. */
function readReview(name: string, text: string, uid: string): Fields {
  const { kind, apiVersion, response } = fieldsOf(JSON.parse(text));
  const fail = (why: string) => new Error(`received invalid webhook response: ${why}`);
  if (kind !== 'AdmissionReview' || apiVersion !== 'admission.k8s.io/v1') throw fail(`expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview`);
  if (!isFields(response)) throw fail(`webhook ${name} answered without a response`);
  if (response['uid'] !== uid) throw fail(`expected response.uid="${uid}", got "${textOf(response['uid'])}"`);
  const { patch, patchType } = response;
  if ((patch === undefined) !== (patchType === undefined)) throw fail('patch and patchType go together');
  if (patch === undefined) return response;
  if (patchType !== 'JSONPatch') throw fail(`patchType ${JSON.stringify(patchType)} is not JSONPatch`);
  const operations: Json = JSON.parse(Buffer.from(textOf(patch), 'base64').toString());
  if (!isList(operations)) throw fail('the patch is no list');
  return { ...response, patch: operations };
}
