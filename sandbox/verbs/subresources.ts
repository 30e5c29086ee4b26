import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { Fields } from '../api.ts';
import type { Call, Target } from '../objects/calls.ts';
import { at, fieldsOf, listOf, put, textOf, timeOf, type Thing } from '../objects/json.ts';
import { conflict, internal, Refusal } from '../objects/refusals.ts';
import { found } from './reads.ts';
import type { Desk } from './writes.ts';

/** Gives a pod to a node. */
export function bind(desk: Desk, target: Target, { body }: Call): Fields {
  if (at(body, 'metadata.name') !== target.name)
    throw new Refusal(400, 'name in URL does not match name in Binding object');
  const pod = found(desk, target);
  const uid = at(body, 'metadata.uid') ?? pod.metadata.uid;
  const isTaken = at(pod, 'spec.nodeName') !== undefined;
  if (uid !== pod.metadata.uid || isTaken || pod.metadata.deletionTimestamp !== undefined)
    throw conflict(target.kind, target.name, 'it is another pod, or already given to a node');
  const placed = put(pod, 'spec.nodeName', at(body, 'target.name'));
  desk.store.write(target.kind.storage, scheduled(placed, timeOf(desk.now())));
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
}

const scheduled = (pod: Thing, lastTransitionTime: string): Thing =>
  put(pod, 'status.conditions', [
    ...listOf(at(pod, 'status.conditions')),
    { type: 'PodScheduled', status: 'True', lastTransitionTime },
  ]);

/** What a container wrote, told by the kubelet of its node and passed on as it comes; nothing where there is no node. */
export async function readLog(
  desk: Desk,
  target: Target,
  { url }: Call,
): Promise<IncomingMessage | undefined> {
  const pod = found(desk, target);
  const names = listOf(at(pod, 'spec.containers')).map((one) => textOf(at(one, 'name')));
  const only = names.length === 1 ? names[0] : undefined;
  const container = url.searchParams.get('container') ?? only;
  if (container === undefined)
    throw new Refusal(400, `a container name must be specified, one of: [${names.join(' ')}]`);
  if (at(pod, 'spec.nodeName') === undefined) return undefined;
  const node = desk.store.of('nodes').get('', textOf(at(pod, 'spec.nodeName')));
  const port = at(node, 'status.daemonEndpoints.kubeletEndpoint.Port');
  const addresses = listOf(at(node, 'status.addresses')).map(fieldsOf);
  const address = addresses.find(({ type }) => type === 'InternalIP')?.['address'];
  if (address === undefined || port === undefined)
    throw new Refusal(400, `container "${container}" is waiting to start: no kubelet has its log`);
  const place = `https://${textOf(address)}:${Number(port)}/containerLogs`;
  const path = `${place}/${target.namespace}/${target.name}/${container}${url.search}`;
  return new Promise((resolve, reject) => {
    const asked = request(path, { rejectUnauthorized: false }, resolve);
    asked.on('error', (error) => reject(internal(`Get "${path}": ${error.message}`)));
    asked.end();
  });
}
