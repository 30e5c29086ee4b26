import { annotations as keys } from '../../../../crds/names.ts';
import { isObject, type JsonObject } from '../../../../domain/json.ts';
import type { Attempt } from '../../../../domain/restart/attempt.ts';
import { noPods, type Coverage } from '../../../../domain/restart/coverage.ts';
import type { Limits } from '../../../../domain/restart/judge/reading.ts';
import { plan, type Budget, type Plan, type Round } from '../../../../domain/restart/plan.ts';
import { isCandidate, type Candidate } from '../../../../domain/restart/plan/round.ts';
import { settingsDigest } from '../../../../domain/restart/plan/settings.ts';
import {
  readObservedInstrumentation,
  type ObservedInstrumentation,
} from '../../../../domain/restart/records/instrumentation.ts';
import { readWorkload, type Workload } from '../../../../domain/restart/records/workload.ts';
import { workloadKinds } from '../../../../domain/restart/records/metadata.ts';
import type { Wanted } from '../../../../domain/restart/snapshot.ts';
import type { Judgement, Verdict } from '../../../../domain/restart/verdict.ts';
import { writeTime } from '../../../../domain/status/told.ts';
import { frozen } from '../../../support/build.ts';

/** A Saturday in November, which is now in these tests. */
export const now = 1_795_608_000;

export const minutes = (count: number) => count * 60;
export const hours = (count: number) => count * 3_600;
export const days = (count: number) => count * 86_400;

/** What is set where nobody sets anything. */
export const usualBudget: Budget & Limits = frozen({
  settleMissingSeconds: 30,
  settleOutdatedSeconds: 600,
  soakSeconds: 60,
  proveSeconds: 900,
  atOnce: 5,
  atOncePerNamespace: 1,
  statefulAtOnce: 1,
  perHour: 60,
  rampStart: 1,
  attemptsPerDay: 2,
  attemptsPerWeek: 4,
  quietSeconds: 120,
});

/** Limits so wide that only the one under test can hold anything back. */
export const wide: Budget & Limits = frozen({
  ...usualBudget,
  atOnce: 10_000,
  atOncePerNamespace: 10_000,
  statefulAtOnce: 10_000,
  perHour: 10_000,
  rampStart: 10_000,
});

export const asked = 'aaaaaaaaaaaaaaaa';
export const askedBefore = 'bbbbbbbbbbbbbbbb';

export function aWorkload(key = 'Deployment/shop/cart'): Workload {
  const [kind, namespace, name] = key.split('/');
  const found = workloadKinds.find((one) => one === kind) ?? 'Deployment';
  const template = { spec: { containers: [{ name: 'app', image: 'cart:1' }] } };
  const read = readWorkload(found, {
    metadata: { name, namespace, uid: `uid of ${key}`, resourceVersion: '7', generation: 1 },
    spec: { template },
  });
  if (!read) throw new Error(`no workload is called ${key}`);
  return read;
}

type Tried = Exclude<Attempt, { readonly kind: 'none' }>;

export const untried: Attempt = frozen({ kind: 'none', times: [], lastNumber: 0 });

/** Our last restart of it, by how long ago it was sent. */
export function tried(kind: Tried['kind'], ago: number, differences: Partial<Tried> = {}): Attempt {
  const at = now - ago;
  const isProven = kind === 'succeeded' && ago > 1_000;
  const one = { kind, asked, number: 1, at, times: [at], lastNumber: 1, isProven };
  return frozen({ ...one, ...differences });
}

export interface Said extends Partial<Omit<Judgement, 'coverage' | 'wanted' | 'workload'>> {
  readonly coverage?: Partial<Coverage>;
  readonly wanted?: Partial<Extract<Wanted, { readonly kind: 'given' }>>;
}

export const behind: Verdict = frozen({ kind: 'behind', reason: 'PodsPredateInstrumentation' });
export const outdated: Verdict = frozen({ kind: 'behind', reason: 'InstrumentationChanged' });
export const current: Verdict = frozen({ kind: 'current' });

/** Behind for an hour with one bare pod, and what differs. */
export function aJudgement(key = 'Deployment/shop/cart', said: Said = {}): Judgement {
  const { coverage = { missing: 1 }, wanted = {}, ...others } = said;
  return frozen({
    key,
    workload: aWorkload(key),
    verdict: behind,
    since: now - 3_600,
    attempt: untried,
    isBlind: false,
    youngestBareAt: now - 3_600,
    ...others,
    coverage: { ...noPods, ...coverage },
    wanted: {
      kind: 'given',
      stamp: { asked, defaults: 'dddddddddddddddd' },
      languages: ['java'],
      refusals: [],
      notes: [],
      instrumentations: ['shop/main'],
      ...wanted,
    },
  } satisfies Judgement);
}

export const aCandidate = (key?: string, said?: Said): Candidate => {
  const judgement = aJudgement(key, said);
  if (!isCandidate(judgement)) throw new Error('the builder made no candidate');
  return judgement;
};

/** It has what it asks for, by a restart that has held. */
export const mended = (key: string, ago: number, said: Said = {}): Judgement =>
  aJudgement(key, {
    verdict: current,
    coverage: { current: 1 },
    attempt: tried('succeeded', ago),
    ...said,
  });

interface InstrumentationDifferences {
  readonly name?: string;
  readonly namespace?: string;
  readonly generation?: number;
  readonly annotations?: JsonObject;
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
}

/** shop/main, of which nothing has been said yet. */
export function observed({
  spec = { exporter: { endpoint: 'http://otel:4318' } },
  status = {},
  ...metadata
}: InstrumentationDifferences = {}): ObservedInstrumentation {
  const read = readObservedInstrumentation({
    metadata: { name: 'main', namespace: 'shop', generation: 1, ...metadata },
    spec,
    status,
  });
  if (!read) throw new Error('the builder made an unreadable Instrumentation');
  return frozen(read);
}

/** One whose settings are known for so long, and the changes that restarts have followed. */
export function settledFor(
  seconds: number,
  { followedAgo = [seconds], status, ...others }: Settled = {},
): ObservedInstrumentation {
  const bare = observed(others);
  const settings = {
    digest: settingsDigest(bare),
    since: writeTime(now - seconds),
    followed: followedAgo.map((ago) => writeTime(now - ago)),
  };
  return { ...bare, status: { settings, ...(isObject(status) ? status : {}) } };
}

interface Settled extends InstrumentationDifferences {
  readonly followedAgo?: readonly number[];
}

export const breakerSince = (
  ago: number,
  { settings = settingsDigest(observed()) } = {},
): JsonObject => ({
  breaker: {
    since: writeTime(now - ago),
    workload: 'Deployment/shop/first',
    reason: 'RestartFailed',
    settings,
  },
});

export const resumedAgo = (ago: number): JsonObject => ({ [keys.resume]: writeTime(now - ago) });

export const aRound = (
  judgements: readonly Judgement[],
  {
    instrumentations = [settledFor(days(1))],
    ...others
  }: Partial<Omit<Round, 'instrumentations'>> & {
    readonly instrumentations?: readonly ObservedInstrumentation[];
  } = {},
): Round => ({
  judgements,
  instrumentations: new Map(instrumentations.map((one) => [`${one.namespace}/${one.name}`, one])),
  provenAt: now - 10,
  warmAt: now - 60,
  untoldAt: [],
  now,
  ...others,
});

export const planned = (round: Round, budget: Budget = wide): Plan => plan(round, budget);

export const restarted = ({ restarts }: Plan): readonly string[] =>
  restarts.map(({ judgement }) => judgement.key);

/** Why each is put off, as `key reason`; those restarted are not among them. */
export const putOff = ({ verdicts }: Plan): readonly string[] =>
  [...verdicts].flatMap(([key, verdict]) =>
    verdict.kind === 'waiting' ? [`${key} ${verdict.reason}`] : [],
  );
