import { randomUUID } from 'node:crypto';
import type { Fields, Json } from '../api.ts';
import type { Call, Target, WriteOptions } from '../objects/calls.ts';
import { fieldsOf, isFields, isList, textOf, type Thing } from '../objects/json.ts';
import { whole } from '../objects/kinds.ts';

/** What a webhook is asked about. */
export interface Admitted {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly target: Target;
  readonly call: Call;
  readonly options: WriteOptions;
  /** As it would be stored; none on DELETE. */
  readonly object: Thing | undefined;
  readonly old: Thing | undefined;
}

const optionKinds = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' };

export function reviewOf({ operation, target, call, options, object, old }: Admitted) {
  const { group, version, kind: name, plural } = target.kind;
  const kind = { group, version, kind: name };
  const resource = { group, version, resource: plural };
  const { isDryRun, manager: fieldManager } = options;
  const request = {
    uid: randomUUID(),
    kind,
    resource,
    ...(target.subresource !== '' && { subResource: target.subresource }),
    requestKind: kind,
    requestResource: resource,
    ...(target.name !== '' && { name: target.name }),
    ...(target.namespace !== '' && { namespace: target.namespace }),
    operation,
    userInfo: { username: call.user.name, groups: call.user.groups },
    object: object === undefined ? null : whole(target.kind, object),
    oldObject: old === undefined ? null : whole(target.kind, old),
    dryRun: isDryRun,
    options: {
      kind: optionKinds[operation],
      apiVersion: 'meta.k8s.io/v1',
      fieldManager,
      ...(isDryRun && { dryRun: ['All'] }),
    },
  };
  return { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', request };
}

const broken = (why: string) => new Error(`received invalid webhook response: ${why}`);

/** What a review must be to count as an answer at all. */
export function readReview(text: string, uid: string): Fields {
  const { kind, apiVersion, response } = fieldsOf(JSON.parse(text));
  if (kind !== 'AdmissionReview' || apiVersion !== 'admission.k8s.io/v1')
    throw broken('expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview');
  if (!isFields(response)) throw broken('webhook response was absent');
  if (response['uid'] !== uid)
    throw broken(`expected response.uid="${uid}", got "${textOf(response['uid'])}"`);
  const { patch, patchType } = response;
  if (patch === undefined && patchType === undefined) return response;
  if (typeof patch !== 'string' || patchType !== 'JSONPatch')
    throw broken('response.patch and response.patchType must go together');
  const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as Json;
  if (!isList(operations)) throw broken('response.patch is no list of operations');
  return { ...response, patch: operations };
}
