import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { Fields } from '../api.ts';
import { writeOptionsOf, type Call, type Target, type User } from '../objects/calls.ts';
import { at, fieldsOf, listOf, put, textOf, type Thing } from '../objects/json.ts';
import { badRequest, conflict, internal, invalid, notFound } from '../objects/refusals.ts';
import { change, timeOf, type Desk } from './writes.ts';

/** Gives a pod to a node. */
export async function bind(desk: Desk, target: Target, call: Call): Promise<Fields> {
  const { metadata, target: node } = fieldsOf(call.body);
  const { name, uid } = fieldsOf(metadata);
  if (name !== target.name) throw badRequest('name in URL does not match name in Binding object');
  const pod = current(desk, target);
  if (uid !== undefined && uid !== pod.metadata.uid)
    throw conflict(target.kind, target.name, `Precondition failed: UID in precondition: ${textOf(uid)}, UID in object meta: ${pod.metadata.uid}`);
  const { kind: _k, apiVersion: _v, ...binding } = fieldsOf(call.body);
  const admitted = { operation: 'CREATE', target, call, options: writeOptionsOf(call), object: binding as Thing, old: undefined } as const;
  await desk.admission.mutate(admitted, (thing) => thing);
  await desk.admission.validate(admitted);
  const latest = current(desk, target);
  const taken = textOf(at(latest, 'spec.nodeName'));
  if (taken !== '' || latest.metadata.deletionTimestamp !== undefined)
    throw conflict({ ...target.kind, plural: 'pods/binding' }, target.name, taken === '' ? `pod ${target.name} is being deleted, cannot be assigned to a host` : `pod ${target.name} is already assigned to node "${taken}"`);
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: timeOf(desk.now()), observedGeneration: latest.metadata.generation };
  const conditions = listOf(at(latest, 'status.conditions')).filter((one) => fieldsOf(one)['type'] !== 'PodScheduled');
  const placed = put(latest, 'spec.nodeName', textOf(fieldsOf(node)['name']));
  if (!admitted.options.dryRun) desk.store.write(target.kind.storage, put(placed, 'status.conditions', [...conditions, scheduled]));
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
}

function current({ store }: Desk, { kind, namespace, name }: Target): Thing {
  const thing = store.of(kind.storage).get(namespace, name);
  if (thing === undefined) throw notFound(kind, name);
  return thing;
}

/** The last thing a namespace is asked for: whether anybody still holds it. */
export const finalize = (desk: Desk, target: Target, call: Call): Promise<Thing> =>
  change(desk, { ...target, subresource: '' }, { call, next: (namespace) => put(namespace, 'spec.finalizers', at(call.body, 'spec.finalizers') ?? []) });

/** The tokens this server gave out, and whom they speak for. */
export class Tokens {
  readonly #users = new Map<string, { user: User; until: number; isValid: () => boolean }>();
  readonly #key = randomBytes(32);

  /** A token that lives as long as the server. */
  add(token: string, user: User): void {
    this.#users.set(token, { user, until: Infinity, isValid: () => true });
  }

  whose(token: string, now: Date): User | undefined {
    const known = this.#users.get(token);
    return known !== undefined && known.until > now.getTime() && known.isValid() ? known.user : undefined;
  }

  /** TokenRequest: a token for a ServiceAccount, worth nothing once that is gone. */
  issue(desk: Desk, target: Target, { body }: Call): Fields {
    const account = current(desk, target);
    const { namespace, name } = target;
    const seconds = Number(at(body, 'spec.expirationSeconds') ?? 3_600);
    if (seconds < 600) throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', [{ field: 'spec.expirationSeconds', message: `Invalid value: ${seconds}: may not specify a duration less than 10 minutes` }]);
    const sub = `system:serviceaccount:${namespace}:${name}`;
    const now = desk.now().getTime();
    const { uid } = account.metadata;
    const audiences = at(body, 'spec.audiences') ?? [issuer];
    const claims = { aud: audiences, exp: Math.floor(now / 1_000) + seconds, iat: Math.floor(now / 1_000), iss: issuer, 'kubernetes.io': { namespace, serviceaccount: { name, uid } }, sub, jti: randomBytes(8).toString('hex') };
    const token = this.#sign(claims);
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
    const isValid = () => desk.store.of(target.kind.storage).get(namespace, name)?.metadata.uid === uid;
    if (listOf(audiences).includes(issuer)) this.#users.set(token, { user: { name: sub, uid, groups }, until: now + seconds * 1_000, isValid });
    return {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace },
      spec: { audiences, expirationSeconds: seconds },
      status: { token, expirationTimestamp: timeOf(new Date(now + seconds * 1_000)) },
    };
  }

  #sign(claims: object): string {
    const parts = [{ alg: 'HS256' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
    return [...parts, createHmac('sha256', this.#key).update(parts.join('.')).digest('base64url')].join('.');
  }
}

const issuer = 'https://kubernetes.default.svc';

/** What a container wrote, told by the kubelet of its node and passed on as it comes. */
export function readLog(desk: Desk, target: Target, { url }: Call): Promise<IncomingMessage> {
  const pod = current(desk, target);
  const names = listOf(at(pod, 'spec.containers')).map((container) => textOf(fieldsOf(container)['name']));
  const container = url.searchParams.get('container') ?? (names.length === 1 ? names[0] : undefined);
  if (container === undefined) throw badRequest(`a container name must be specified for pod ${target.name}, choose one of: [${names.join(' ')}]`);
  const node = desk.store.of('nodes').get('', textOf(at(pod, 'spec.nodeName')));
  const port = at(node, 'status.daemonEndpoints.kubeletEndpoint.Port');
  const address = listOf(at(node, 'status.addresses')).map(fieldsOf).find(({ type }) => type === 'InternalIP');
  if (address === undefined || port === undefined) throw badRequest(`container "${container}" in pod "${target.name}" is waiting to start: no kubelet serves its log`);
  const place = `https://${textOf(address['address'])}:${Number(port)}/containerLogs/${target.namespace}/${target.name}/${container}`;
  return new Promise((resolve, reject) => {
    const asked = request(`${place}${url.search}`, { rejectUnauthorized: false }, resolve);
    asked.on('error', (error) => reject(internal(`Get "${place}": ${error.message}`)));
    asked.end();
  });
}
