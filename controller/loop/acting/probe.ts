import { marks } from '../../../crds/names.ts';
import { objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import type { ProbeFact, ProbeProblem } from '../../../domain/restart/facts.ts';
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
  /** Told when the webhook is proven that was not, or the other way round. */
  readonly onChange: () => void;
  readonly time: Time;
  readonly nonce: () => string;
}

/** Knows whether the webhook would give new pods what the loop believes that they get. */
export interface Prober {
  run(signal: AbortSignal): Promise<void>;
  /** What we decide by has changed: a proof of what was is none. */
  wake(): void;
  isProven(): boolean;
  /** Unknown while an answer is awaited and nothing has failed. */
  verdict(): 'proven' | 'unproven' | 'unknown';
  /** By the wall clock, for people. */
  lastProofAt(): number | undefined;
}

interface Proof {
  readonly fingerprint: string;
  readonly at: number;
  readonly wallAt: number;
}

export const proofHoldsMs = 120_000;
/** The two roles learn of a change by different watches. */
const patienceMs = [100, 400, 1_500];

export function createProber(options: ProberOptions): Prober {
  const { time, fingerprint, record } = options;
  let proof: Proof | undefined;
  /** How many more must succeed before we believe again. */
  let wanting = 1;
  let hasFailed = false;
  let pause = new AbortController();

  const isProven = () =>
    wanting === 0 && proof?.fingerprint === fingerprint() && time.now() - proof.at < proofHoldsMs;

  async function look(signal: AbortSignal): Promise<void> {
    const wasProven = isProven();
    const seen = await patiently(options, signal);
    if (signal.aborted) return;
    if (seen.kind === 'failed') {
      wanting = 2;
      hasFailed = true;
      record({ type: 'ProbeFailed', problem: seen.problem, fault: seen.fault });
    } else {
      proof = { fingerprint: seen.fingerprint, at: time.now(), wallAt: time.wall() };
      wanting = Math.max(0, wanting - 1);
      hasFailed &&= wanting > 0;
      record({ type: 'ProbeSucceeded' });
    }
    if (isProven() !== wasProven || seen.kind === 'failed') options.onChange();
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
      if (proof?.fingerprint !== fingerprint()) pause.abort();
    },
    isProven,
    verdict: () => {
      if (isProven()) return 'proven';
      const isOld = proof !== undefined && time.now() - proof.at >= proofHoldsMs;
      return hasFailed || isOld ? 'unproven' : 'unknown';
    },
    lastProofAt: () => proof?.wallAt,
  };
}

type Seen =
  | { readonly kind: 'proven'; readonly fingerprint: string }
  | {
      readonly kind: 'failed';
      readonly problem: ProbeProblem;
      readonly fault: Extract<ProbeFact, { type: 'ProbeFailed' }>['fault'];
    };

/** Another view is asked about again, for mostly it is only a younger one. */
async function patiently(options: ProberOptions, signal: AbortSignal): Promise<Seen> {
  for (const ms of patienceMs) {
    const seen = await probe(options, signal);
    if (seen.kind === 'proven' || seen.problem !== 'OtherView' || signal.aborted) return seen;
    await options.time.wait(ms, signal);
  }
  return probe(options, signal);
}

async function probe(options: ProberOptions, signal: AbortSignal): Promise<Seen> {
  const { client, namespace, fingerprint } = options;
  const nonce = options.nonce();
  try {
    const place = { resource: resources.pods, namespace };
    const answer = await client.create(place, podFor(nonce), { dryRun: true, signal });
    const annotations = objectAt(objectAt(answer, 'metadata') ?? {}, 'annotations') ?? {};
    const said = textAt(annotations, marks.probe);
    if (said === undefined || !said.startsWith(`${nonce}.`)) return failed('NoAnswer');
    const view = fingerprint();
    return said === `${nonce}.${view}`
      ? { kind: 'proven', fingerprint: view }
      : failed('OtherView');
  } catch (error) {
    return { kind: 'failed', problem: 'CallFailed', fault: faultOf(error).key };
  }
}

const failed = (problem: ProbeProblem): Seen => ({ kind: 'failed', problem, fault: undefined });

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
