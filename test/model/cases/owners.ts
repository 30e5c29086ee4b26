import type { Dice } from '../../support/dice.ts';
import type { Case, Owner, Pod } from '../case.ts';

interface Owned {
  readonly metadata: Pick<Pod['metadata'], 'name' | 'generateName' | 'ownerReferences'>;
  readonly labels: Readonly<Record<string, string>>;
  readonly makers: Case['makers'];
}

const uid = 'b7c2f3b0-0000-4000-8000-000000000001';
const makerUid = 'b7c2f3b0-0000-4000-8000-000000000002';
const owner = (kind: string, name: string): Owner => ({
  apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
  kind,
  name,
  uid,
  controller: true,
});

const owned = (kind: string, name: string, makers: Case['makers'] = {}, labels = {}): Owned => ({
  metadata: { generateName: `${name}-`, ownerReferences: [owner(kind, name)] },
  labels,
  makers,
});

const maker = (kind: string, name: string): readonly Owner[] => [{ kind, name, uid: makerUid }];

const hash = { 'pod-template-hash': '5d4f' };
const rolloutHash = { 'rollouts-pod-template-hash': '66c' };

/** Who a pod can belong to, what its labels say of that, and who made its maker. */
const situations = [
  owned('ReplicaSet', 'cart-5d4f', { 'ReplicaSet/cart-5d4f': maker('Deployment', 'cart') }, hash),
  owned('ReplicaSet', 'pay-5d4f', { 'ReplicaSet/pay-5d4f': maker('Deployment', 'pay') }, hash),
  owned('ReplicaSet', 'cart-rs'),
  owned('ReplicaSet', 'cart-66c', { 'ReplicaSet/cart-66c': maker('Rollout', 'cart') }, rolloutHash),
  owned('ReplicaSet', 'late-5d4f', {}, hash),
  owned('StatefulSet', 'store'),
  owned('DaemonSet', 'agent'),
  owned('Job', 'import'),
  owned('Job', 'import-2'),
  owned('Job', 'report-29284390', { 'Job/report-29284390': maker('CronJob', 'report') }),
  owned('Deployment', 'direct'),
  owned('Widget', 'strange'),
  owned('statefulset', 'small-letters'),
  { metadata: { name: 'alone' }, labels: {}, makers: {} },
  { metadata: { generateName: 'alone-' }, labels: {}, makers: {} },
] as const;

export function randomOwners(dice: Dice): Owned {
  const { metadata, labels, makers } = dice.pick<Owned>(situations);
  const { ownerReferences } = metadata;
  const second = { ...owner(dice.pick(['StatefulSet', 'ConfigMap']), 'second'), controller: false };
  const said = dice.some(['instance', 'name', 'version'], 0.2);
  return {
    metadata:
      ownerReferences !== undefined && dice.chance(0.05)
        ? { ...metadata, ownerReferences: [...ownerReferences, second] }
        : metadata,
    labels: {
      ...labels,
      ...Object.fromEntries(said.map((key) => [`app.kubernetes.io/${key}`, `the-${key}`])),
    },
    makers,
  };
}

/** Where nobody says otherwise: a Deployment or CronJob is called like what it made, less the end. */
export function makersByName({ metadata }: Pod): Case['makers'] {
  const suffix = `-${metadata.labels?.['pod-template-hash']}`;
  const entries = (metadata.ownerReferences ?? []).flatMap(({ kind, name }) => {
    const made = name.replace(/-[^-]*$/, '');
    if (kind === 'ReplicaSet' && name.endsWith(suffix))
      return [[`${kind}/${name}`, [{ kind: 'Deployment', name: made, uid: `${made}-d-uid` }]]];
    if (kind !== 'Job' || !/-\d+$/.test(name)) return [];
    return [[`${kind}/${name}`, [{ kind: 'CronJob', name: made }]]];
  });
  return Object.fromEntries(entries) as Case['makers'];
}
