import { marks } from '../../../crds/names.ts';
import type { FaultKey } from '../../../domain/faults.ts';
import { objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import type { Restart } from '../../../domain/restart/plan.ts';
import type { WorkloadKind } from '../../../domain/restart/records/metadata.ts';
import type { Workload } from '../../../domain/restart/records/workload.ts';
import type { Client } from '../../kube/client.ts';
import { faultOf, type Fault } from '../../kube/fault.ts';
import type { Resource } from '../../kube/resource.ts';
import { resources } from '../kinds.ts';

export interface Hand {
  readonly client: Pick<Client, 'mergePatch'>;
  /** Whether we may write at this instant. */
  readonly fence: () => boolean;
  /** As the cache has it now: what is no longer as it was judged is judged anew first. */
  readonly workload: (name: Workload) => Workload | undefined;
}

/** What became of one restart. */
export type Acted =
  /** From this version on the cache shows it. */
  | { readonly kind: 'sent'; readonly version: string }
  /** By the server, or by a policy that dropped our annotation: to try again would be in vain. */
  | {
      readonly kind: 'rejected';
      readonly fault: FaultKey | undefined;
      readonly deniedBy: string | undefined;
    }
  /** Surely not carried out. */
  | { readonly kind: 'dropped'; readonly fault: FaultKey }
  /** The cache will tell. */
  | { readonly kind: 'uncertain'; readonly fault: FaultKey };

const mostTries = 3;

/**
 * Sends one restart. Every try names the version that was judged, so that of several, from whomever
 * they come, one is carried out.
 */
export async function act({ judgement, marker }: Restart, hand: Hand): Promise<Acted> {
  const { workload } = judgement;
  if (hand.workload(workload) !== workload) return { kind: 'dropped', fault: 'Conflict' };
  /** A try of unknown outcome may have been carried out, whatever the next one meets. */
  let isOpen = false;
  for (let tries = 0; tries < mostTries; tries += 1) {
    const acted = await send(workload, marker, hand);
    if (acted.kind === 'sent' || acted.kind === 'rejected') return acted;
    if (acted.kind === 'dropped') return isOpen ? { ...acted, kind: 'uncertain' } : acted;
    isOpen = true;
  }
  return { kind: 'uncertain', fault: 'TimedOut' };
}

async function send(workload: Workload, marker: string, hand: Hand): Promise<Acted> {
  const { kind, namespace, name } = workload;
  const place = { resource: resourceOf[kind], namespace, name };
  try {
    const answer = await hand.client.mergePatch(place, patchOf(workload, marker), {
      fence: hand.fence,
    });
    if (markerIn(answer) !== marker)
      return { kind: 'rejected', fault: undefined, deniedBy: undefined };
    return { kind: 'sent', version: answer.metadata.resourceVersion };
  } catch (error) {
    return actedOf(faultOf(error));
  }
}

export const resourceOf: Readonly<Record<WorkloadKind, Resource>> = {
  Deployment: resources.deployments,
  StatefulSet: resources.statefulSets,
  DaemonSet: resources.daemonSets,
};

/** The one thing that is ever written on a workload. */
const patchOf = ({ version: resourceVersion, uid }: Workload, marker: string): JsonObject => ({
  metadata: { resourceVersion, uid },
  spec: { template: { metadata: { annotations: { [marks.restart]: marker } } } },
});

function markerIn(answer: JsonObject): string | undefined {
  const path = ['spec', 'template', 'metadata', 'annotations'];
  const annotations = path.reduce<JsonObject | undefined>(
    (object, key) => object && objectAt(object, key),
    answer,
  );
  return annotations && textAt(annotations, marks.restart);
}

/** After these the server may or may not have done it. */
const unanswered: ReadonlySet<FaultKey> = new Set([
  'ConnectionBroken',
  'TimedOut',
  'ServerFailed',
  'Garbled',
  'Unexpected',
]);

const refusals: ReadonlySet<FaultKey> = new Set([
  'Forbidden',
  'DeniedByAdmission',
  'Invalid',
  'BadRequest',
]);

function actedOf({ key: fault, deniedBy }: Fault): Acted {
  if (refusals.has(fault)) return { kind: 'rejected', fault, deniedBy };
  return unanswered.has(fault) ? { kind: 'uncertain', fault } : { kind: 'dropped', fault };
}
