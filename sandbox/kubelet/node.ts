import type { Answer, Api } from '../api.ts';
import { timeOf } from './pod/shapes.ts';

interface Registration {
  readonly node: string;
  readonly hostIp: string;
  readonly logPort: number;
}

const merge = { type: 'application/merge-patch+json' };
const beatMs = 10_000;

/** Makes the Node Ready and keeps it so; the answer ends that. */
export async function registerNode(api: Api, given: Registration): Promise<() => void> {
  const { node, hostIp, logPort } = given;
  const labels = { 'kubernetes.io/hostname': node, 'kubernetes.io/os': 'linux' };
  await accepted(api.call('POST', '/api/v1/nodes', { metadata: { name: node, labels } }), 201, 409);
  const now = timeOf(new Date());
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  };
  const capacity = { cpu: '64', memory: '256Gi', pods: '100000' };
  const status = {
    conditions: [ready],
    addresses: [{ type: 'InternalIP', address: hostIp }],
    daemonEndpoints: { kubeletEndpoint: { Port: logPort } },
    capacity,
    allocatable: capacity,
  };
  const path = `/api/v1/nodes/${node}`;
  await accepted(api.call('PATCH', `${path}/status`, { status }, merge), 200);
  // Whoever watches over nodes would lift the taint of a new one too, but seconds later.
  await accepted(api.call('PATCH', path, { spec: { taints: null } }, merge), 200);
  await renewLease(api, node);
  const beat = setInterval(() => void renewLease(api, node).catch(() => {}), beatMs);
  return () => clearInterval(beat);
}

async function renewLease(api: Api, node: string): Promise<void> {
  // A MicroTime has six digits, no more and no fewer.
  const renewTime = new Date().toISOString().replace('Z', '000Z');
  const spec = { holderIdentity: node, leaseDurationSeconds: 40, renewTime };
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const { code } = await api.call('PATCH', `${leases}/${node}`, { spec }, merge);
  if (code === 404) await api.call('POST', leases, { metadata: { name: node }, spec });
}

async function accepted(answer: Promise<Answer>, ...codes: readonly number[]) {
  const { code, body } = await answer;
  if (!codes.includes(code)) throw new Error(`The node was refused: ${code} ${body.message}`);
}
