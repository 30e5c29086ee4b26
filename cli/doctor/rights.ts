import type { Client } from '../../controller/kube/client.ts';
import { faultOf } from '../../controller/kube/fault.ts';
import { member, objectAt, textAt } from '../../domain/json.ts';
import type { ByKind } from './evidence.ts';
import { accessReviews } from './kinds.ts';

interface Right {
  readonly account: string;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Absent: in all namespaces. */
  readonly namespace?: string;
}

const reads: readonly (readonly [account: string, group: string, resources: readonly string[]])[] =
  [
    ['otel-retrofit-webhook', '', ['namespaces', 'limitranges']],
    ['otel-retrofit-webhook', 'opentelemetry.io', ['instrumentations']],
    ['otel-retrofit-controller', '', ['namespaces', 'limitranges', 'pods']],
    ['otel-retrofit-controller', 'opentelemetry.io', ['instrumentations']],
    [
      'otel-retrofit-controller',
      'apps',
      ['deployments', 'statefulsets', 'daemonsets', 'replicasets', 'controllerrevisions'],
    ],
  ];

export interface Rights {
  readonly lacking: readonly { readonly account: string; readonly right: string }[];
  /** Whether whoever asks may not ask that. What they may do themselves shows when they do it. */
  readonly isDenied: boolean;
}

/** What our ServiceAccounts need and may not do. */
export async function rightsOf(client: Client, home: string, byKind: ByKind): Promise<Rights> {
  const installed = new Set(
    byKind.Deployment.map((json) => textAt(objectAt(json, 'metadata') ?? {}, 'name')),
  );
  const needed: readonly Right[] = [
    ...reads.flatMap(([account, group, resources]) =>
      resources.map((resource) => ({ account, verb: 'list', group, resource })),
    ),
    {
      account: 'otel-retrofit-controller',
      verb: 'create',
      group: '',
      resource: 'pods',
      namespace: home,
    },
  ].filter(({ account }) => installed.has(account));
  const answers = await Promise.all(
    needed.map(async (right) => ({ right, answer: await ask(client, home, right) })),
  );
  const lacking = answers
    .filter(({ answer }) => answer === 'no')
    .map(({ right: { account, verb, resource, namespace } }) => ({
      account: `${home}/${account}`,
      right: `${verb} ${resource}${namespace === undefined ? '' : ` in ${namespace}`}`,
    }));
  return { lacking, isDenied: answers.some(({ answer }) => answer === 'denied') };
}

type Answer = 'yes' | 'no' | 'denied' | 'unknown';

async function ask(client: Client, home: string, right: Right): Promise<Answer> {
  const { account, verb, group, resource, namespace } = right;
  const attributes = { verb, group, resource, ...(namespace !== undefined && { namespace }) };
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user: `system:serviceaccount:${home}:${account}`, resourceAttributes: attributes },
  };
  try {
    const answer = await client.create({ resource: accessReviews }, review);
    return member(objectAt(answer, 'status') ?? {}, 'allowed') === true ? 'yes' : 'no';
  } catch (error) {
    const { key } = faultOf(error);
    if (key === 'Forbidden') return 'denied';
    if (key === 'NotFound' || key === 'KindAbsent') return 'unknown';
    throw error;
  }
}
