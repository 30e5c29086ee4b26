import { marks } from '../../../crds/names.ts';
import { objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import type { ProbeFact, ProbeProblem } from '../../../domain/restart/facts.ts';
import type { Seconds } from '../../../domain/restart/records/metadata.ts';
import type { Client } from '../../kube/client.ts';
import { faultOf } from '../../kube/fault.ts';
import type { Time } from '../../kube/pace.ts';
import { resources } from '../kinds.ts';

export interface ProberOptions {
  readonly client: Pick<Client, 'create'>;
  readonly namespace: string;
  readonly intervalMs: number;
  /** By what we decide now: the webhook must decide by the same. */
  readonly fingerprint: () => string;
  readonly record: (fact: ProbeFact) => void;
  /** Told when the webhook is proven that was not, the other way round, or as it was asked to be. */
  readonly onChange: () => void;
  readonly time: Time;
  /** By the API server's clock: a proof is compared with the pods that were made before it. */
  readonly now: () => Seconds;
  readonly nonce: () => string;
}

/** Knows whether the webhook would give new pods what the loop believes that they get. */
export interface Prober {
  run(signal: AbortSignal): Promise<void>;
  /** What we decide by has changed: a proof of what was is none. */
  wake(): void;
  /** A proof is there and too old for a pod that has come since: another one is wanted at once. */
  renew(): void;
  isProven(): boolean;
  /** When the dry run was sent that proves it now. */
  provenAt(): Seconds | undefined;
  /** Unknown while an answer is awaited and nothing has failed. */
  verdict(): 'proven' | 'unproven' | 'unknown';
  /** By the wall clock, for people. */
  lastProofAt(): number | undefined;
}

interface Proof {
  readonly fingerprint: string;
  readonly sentAt: Seconds;
  readonly at: number;
  readonly wallAt: number;
}

export const proofHoldsMs = 120_000;
/** Of the same trouble people are told again after this. */
const newsMs = 600_000;
/** The two roles learn of a change by different watches. */
const patienceMs = [100, 400, 1_500];

export function createProber(options: ProberOptions): Prober {
  const { time, fingerprint, record } = options;
  const belief = createBelief(options);
  const isNews = createNews(time);
  const { isProven } = belief;
  let isAwaited = false;
  let pause = new AbortController();

  async function look(signal: AbortSignal): Promise<void> {
    const wasProven = isProven();
    const wasAwaited = isAwaited;
    isAwaited = false;
    const seen = await patiently(options, signal);
    if (signal.aborted) return;
    belief.take(seen);
    if (seen.kind === 'failed')
      record({ type: 'ProbeFailed', ...seen.failure, isNews: isNews(seen.failure.problem) });
    else record({ type: 'ProbeSucceeded' });
    if (isProven()) isNews(undefined);
    if (wasAwaited || isProven() !== wasProven || seen.kind === 'failed') options.onChange();
  }

  return {
    run: async (signal) => {
      while (!signal.aborted) {
        pause = new AbortController();
        await look(signal);
        const waitMs = isProven() ? options.intervalMs : options.intervalMs / 3;
        await time.wait(waitMs, AbortSignal.any([pause.signal, signal]));
      }
    },
    wake: () => {
      if (belief.proof()?.fingerprint !== fingerprint()) pause.abort();
    },
    renew: () => {
      isAwaited = true;
      pause.abort();
    },
    isProven,
    provenAt: () => (isProven() ? belief.proof()?.sentAt : undefined),
    verdict: belief.verdict,
    lastProofAt: () => belief.proof()?.wallAt,
  };
}

/** What all dry runs so far give to believe. */
function createBelief({ time, fingerprint }: Pick<ProberOptions, 'time' | 'fingerprint'>) {
  let proof: Proof | undefined;
  /** How many more must succeed before we believe again. */
  let wanting = 1;
  let hasFailed = false;
  const isOld = (one: Proof) => time.now() - one.at >= proofHoldsMs;
  const isProven = () =>
    wanting === 0 && proof !== undefined && proof.fingerprint === fingerprint() && !isOld(proof);

  return {
    isProven,
    proof: () => proof,
    verdict: () => {
      if (isProven()) return 'proven';
      return hasFailed || (proof !== undefined && isOld(proof)) ? 'unproven' : 'unknown';
    },
    take: (seen: Seen) => {
      wanting = seen.kind === 'failed' ? 2 : Math.max(0, wanting - 1);
      hasFailed = seen.kind === 'failed' || (hasFailed && wanting > 0);
      if (seen.kind === 'failed') return;
      const { fingerprint: view, sentAt } = seen;
      proof = { fingerprint: view, sentAt, at: time.now(), wallAt: time.wall() };
    },
  } as const;
}

/** Whether people are to be told of a problem; without one it is over, and the next is news. */
function createNews(time: Time): (problem: ProbeProblem | undefined) => boolean {
  let told: { readonly problem: ProbeProblem; readonly at: number } | undefined;
  return (problem) => {
    const isOver = problem === undefined;
    if (!isOver && told?.problem === problem && time.now() - told.at < newsMs) return false;
    told = isOver ? undefined : { problem, at: time.now() };
    return !isOver;
  };
}

type Failure = Pick<Extract<ProbeFact, { type: 'ProbeFailed' }>, 'problem' | 'fault'>;

type Seen =
  | { readonly kind: 'proven'; readonly fingerprint: string; readonly sentAt: Seconds }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Another view is asked about again, for mostly it is only a younger one. */
async function patiently(options: ProberOptions, signal: AbortSignal): Promise<Seen> {
  for (const ms of patienceMs) {
    const seen = await probe(options, signal);
    const isDone = seen.kind === 'proven' || seen.failure.problem !== 'OtherView';
    if (isDone || signal.aborted) return seen;
    await options.time.wait(ms, signal);
  }
  return probe(options, signal);
}

async function probe(options: ProberOptions, signal: AbortSignal): Promise<Seen> {
  const { client, namespace, fingerprint } = options;
  const nonce = options.nonce();
  const sentAt = options.now();
  try {
    const place = { resource: resources.pods, namespace };
    const answer = await client.create(place, podFor(nonce), { dryRun: true, signal });
    const annotations = objectAt(objectAt(answer, 'metadata') ?? {}, 'annotations') ?? {};
    const said = textAt(annotations, marks.probe);
    if (said === undefined || !said.startsWith(`${nonce}.`)) return failed('NoAnswer');
    const view = fingerprint();
    return said === `${nonce}.${view}`
      ? { kind: 'proven', fingerprint: view, sentAt }
      : failed('OtherView');
  } catch (error) {
    return failed('CallFailed', faultOf(error).key);
  }
}

const failed = (problem: ProbeProblem, fault?: Failure['fault']): Seen => ({
  kind: 'failed',
  failure: { problem, fault },
});

/** As small as a pod can be that also a namespace of the strictest level takes; it is never made. */
const podFor = (nonce: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { generateName: 'otel-retrofit-probe-', annotations: { [marks.probe]: nonce } },
  spec: {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy: 'Never',
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'probe',
        image: 'otel-retrofit-probe',
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
        },
      },
    ],
  },
});
