import type { Plan } from '../../domain/restart/plan.ts';
import type { ObservedPod } from '../../domain/restart/records/pod.ts';
import type { Seconds } from '../../domain/restart/records/metadata.ts';
import type { Workload } from '../../domain/restart/records/workload.ts';
import type { Judgement } from '../../domain/restart/verdict.ts';

/** What the loop lets whoever looks on see: nothing is copied, and nothing may be changed. */
export type Sight =
  | { readonly kind: 'starting' }
  /** Another replica leads. Only that one knows how all the workloads are. */
  | { readonly kind: 'standby'; readonly holder: string | undefined }
  | {
      readonly kind: 'leading';
      readonly judgements: ReadonlyMap<string, Judgement>;
      /** Another one after each round. */
      readonly plan: Plan;
      readonly isWebhookProven: boolean;
    };

/** Whom the page asks. */
export interface Sources {
  readonly sight: () => Sight;
  readonly podsOf: (workload: Pick<Workload, 'uid'>) => readonly ObservedPod[];
  /** By the API server's clock, as all times of the cluster are. */
  readonly now: () => Seconds;
}
