import { createMemories } from '../../../../controller/loop/looking/memory.ts';
import { createLedger } from '../../../../controller/loop/telling/ledger.ts';
import { createTallies } from '../../../../controller/loop/telling/tallies.ts';
import { images } from '../../../../config/images.ts';
import type { Attempt } from '../../../../domain/restart/attempt.ts';
import { gather, wantedOf } from '../../../../domain/restart/gather.ts';
import { judge } from '../../../../domain/restart/judge.ts';
import type { Limits } from '../../../../domain/restart/judge/reading.ts';
import { plan, type Budget, type Plan, type Restart } from '../../../../domain/restart/plan.ts';
import type { ObservedInstrumentation } from '../../../../domain/restart/records/instrumentation.ts';
import type { Wanted } from '../../../../domain/restart/snapshot.ts';
import { objectAt, textAt, type JsonObject } from '../../../../domain/json.ts';
import { readBreaker } from '../../../../domain/restart/plan/breaker.ts';
import { settingsDigest } from '../../../../domain/restart/plan/settings.ts';
import { workloadKey, type Workload } from '../../../../domain/restart/records/workload.ts';
import { isSameJudgement, type Judgement } from '../../../../domain/restart/verdict.ts';
import { writeOf } from '../../../../domain/status/write.ts';
import { createView, type View } from './view.ts';
import { namespaceRecord, worldFrom, type Cluster, type Versioned } from './model/cluster.ts';

export interface LeaderOptions {
  readonly name?: string;
  readonly budget: Budget & Limits;
  /** How late each watch is. */
  readonly lag?: Partial<Lag>;
  /** By how much the clock it is told is wrong. */
  readonly clockOff?: number;
  readonly warmUpSeconds?: number;
  /** A round comes at least so often. */
  readonly heartbeatSeconds?: number;
  /** How long a write is on its way. */
  readonly writeSeconds?: number;
  readonly restartsOutdated?: boolean;
  /** Of a budget over all pods of each namespace; none unless it is said. */
  readonly disruptionsAllowed?: number;
}

export interface Lag {
  readonly workloads: number;
  readonly revisions: number;
  readonly pods: number;
  readonly instrumentations: number;
}

/** What a leader knows that the cluster does not tell. */
function createHead(warmAt: number) {
  const ledger = createLedger();
  return {
    warmAt,
    ledger,
    tallies: createTallies(ledger),
    memories: createMemories(),
    /** When it last asked for a proof out of turn. */
    probedAt: -Infinity,
    judgements: new Map<string, Judgement>(),
    written: new Map<string, Versioned>(),
    toldAt: new Map<string, number>(),
    dirty: new Set<string>(),
    lookedAt: new Map<string, number>(),
    nextRound: Infinity,
    lookAllAt: 0,
  };
}

/** So often what is on the move is looked at though nothing is heard of it. */
const busySeconds = 5;
/** So long people wait for what they alone read in a status. */
const patientSeconds = 30;

/** The shell of the loop, as small as it can be: what it forgets when it is killed is in one place. */
export function createLeader(cluster: Cluster, options: LeaderOptions) {
  const { agenda } = cluster;
  const {
    budget,
    clockOff = 0,
    warmUpSeconds = 15,
    heartbeatSeconds = 60,
    writeSeconds = 0,
  } = options;
  const lag: Lag = { workloads: 0, revisions: 0, pods: 0, instrumentations: 0, ...options.lag };
  const rules = {
    remediation: 'restart',
    restartsOutdated: options.restartsOutdated ?? false,
    protectedNamespaces: new Set<string>(),
    home: { name: 'otel-retrofit', annotations: {} },
  } as const;
  let life = 0;
  let head = createHead(0);
  let view: View | undefined;
  let last: { plan: Plan; judgements: ReadonlyMap<string, Judgement> } | undefined;

  const clock = () => agenda.now() + clockOff;

  function begin(): void {
    end();
    const mine = (life += 1);
    head = createHead(clock() + warmUpSeconds + Math.max(...Object.values(lag)));
    view = createView(cluster, lag, (key) => {
      if (mine !== life) return;
      if (key === undefined) for (const one of head.judgements.keys()) head.dirty.add(one);
      else head.dirty.add(key);
      roundIn(1);
    });
  }

  function end(): void {
    life += 1;
    view?.close();
    view = undefined;
  }

  function roundIn(seconds: number): void {
    const at = agenda.now() + seconds;
    if (at >= head.nextRound) return;
    head.nextRound = at;
    const mine = life;
    agenda.after(seconds, () => {
      if (mine !== life || head.nextRound !== at) return;
      head.nextRound = Infinity;
      round();
    });
  }

  const isOld = (key: string) => agenda.now() - (head.lookedAt.get(key) ?? 0) >= busySeconds;

  function round(): void {
    if (!view) return;
    const isDue = agenda.now() >= head.lookAllAt;
    for (const [key, judgement] of head.judgements)
      if (isDue ? isMoving(judgement) : isOpen(judgement.attempt) && isOld(key))
        head.dirty.add(key);
    for (const key of head.dirty) look(key, view);
    head.dirty.clear();
    const now = clock();
    const instrumentations = overlaid(view);
    const judgements = [...head.judgements.values()];
    const made = plan(
      {
        judgements,
        instrumentations,
        provenAt: provenAt(),
        warmAt: head.warmAt,
        untoldAt: head.memories.untoldAt(now),
        now,
      },
      budget,
    );
    last = { plan: made, judgements: head.judgements };
    renewProof(made);
    made.restarts.forEach(send);
    tell(instrumentations, made);
    const isAnyOpen = judgements.some(({ attempt }) => isOpen(attempt));
    const pause = Math.min(isAnyOpen ? 60 : heartbeatSeconds, (made.wakeAt ?? Infinity) - now);
    head.lookAllAt = isDue
      ? agenda.now() + Math.max(1, pause)
      : Math.min(head.lookAllAt, agenda.now() + Math.max(1, pause));
    roundIn(Math.max(1, pause));
  }

  function look(key: string, { find, instrumentations, worldKey }: View): void {
    const found = find(key);
    head.lookedAt.set(key, agenda.now());
    const before = head.judgements.get(key)?.workload.uid;
    if (before !== undefined && before !== found?.workload.record.uid) head.memories.forget(before);
    if (!found) {
      head.judgements.delete(key);
      return;
    }
    const { workload, revisions, pods } = found;
    const { memories } = head;
    const wanted = rememberWanted(workload.record, worldKey(), () =>
      wantedOf(workload.record, worldFrom(workload.record.namespace, instrumentations.values())),
    );
    const governing = wanted.kind === 'nothing' ? [] : wanted.instrumentations;
    const snapshot = gather(
      {
        workload: workload.record,
        revisions,
        pods,
        namespace: namespaceRecord(workload.record.namespace),
        instrumentations: governing.flatMap((name) => instrumentations.get(name)?.record ?? []),
        disruptionBudgets: budgetsFor(options.disruptionsAllowed, workload.record.namespace),
        wanted,
        memory: memories.of(workload.record, revisions, clock()),
      },
      rules,
      clock(),
    );
    const judged = judge(snapshot, budget);
    const fresh = { ...judged, since: memories.see(judged, clock()) };
    const known = head.judgements.get(key);
    if (known && isSameJudgement(known, fresh)) return;
    head.judgements.set(key, fresh);
  }

  function send({ judgement, marker, number }: Restart): void {
    const { key, workload } = judgement;
    head.memories.begin(judgement, number, clock());
    // From here on it is judged as under way, whenever the write comes back.
    head.dirty.add(key);
    const mine = life;
    agenda.after(writeSeconds, () => {
      // Whoever is killed after the write has left cannot call it back.
      const version = cluster.patchMarker(key, workload.version, {
        marker,
        by: options.name ?? 'one',
      });
      if (mine !== life) return;
      head.memories.end(
        judgement,
        version === undefined ? { kind: 'dropped', fault: 'Conflict' } : { kind: 'sent', version },
        clock(),
      );
      head.dirty.add(key);
      roundIn(1);
    });
  }

  /** What we have written counts before the watch brings it back. */
  function overlaid({ instrumentations }: View): ReadonlyMap<string, ObservedInstrumentation> {
    const all = new Map<string, ObservedInstrumentation>();
    for (const [name, seen] of instrumentations) {
      const written = head.written.get(name);
      const isNewer =
        written && written.version > seen.version && written.record.uid === seen.record.uid;
      all.set(name, isNewer ? { ...seen.record, status: written.record.status } : seen.record);
    }
    return all;
  }

  function tell(instrumentations: ReadonlyMap<string, ObservedInstrumentation>, made: Plan): void {
    const telling = {
      plan: made,
      webhook: provenAt() === undefined ? 'unproven' : 'proven',
      defaults: { images, disabled: [] },
      now: clock(),
    } as const;
    const news = head.ledger.note(head.judgements, made.verdicts);
    head.tallies.forget(news.instrumentations, instrumentations);
    for (const [name, one] of instrumentations) {
      // All else that a status says is for people, and they can wait.
      const isBinding = isBindingFor(name, one, made);
      if (!isBinding && clock() - (head.toldAt.get(name) ?? 0) < patientSeconds) continue;
      const write = writeOf(one.status, head.tallies.of(one, telling));
      if (write.kind === 'none') continue;
      head.toldAt.set(name, clock());
      const written = cluster.patchStatus(name, write.patch);
      if (written) head.written.set(name, written);
    }
  }

  /** A probe each 30 seconds, and one when a young pod asks for it; two good ones in a row count. */
  function provenAt(): number | undefined {
    const regular = agenda.now() - (agenda.now() % 30);
    const latest = Math.max(regular, head.probedAt);
    const isProven = cluster.isProbeGoodAt(latest) && cluster.isProbeGoodAt(regular - 30);
    return isProven ? latest + clockOff : undefined;
  }

  function renewProof({ verdicts }: Plan): void {
    const isAwaited = [...verdicts.values()].some(
      (verdict) =>
        verdict.kind === 'waiting' &&
        verdict.reason === 'WebhookUnproven' &&
        verdict.until === undefined,
    );
    if (!isAwaited || provenAt() === undefined) return;
    head.probedAt = agenda.now();
    roundIn(1);
  }

  return { begin, end, isAlive: () => view !== undefined, last: () => last };
}

export type Leader = ReturnType<typeof createLeader>;

/** Time alone can change the judgement on it. */
function isMoving({ verdict, attempt }: Judgement): boolean {
  if (['waiting', 'behind', 'stuck'].includes(verdict.kind)) return true;
  return isOpen(attempt);
}

const isOpen = (attempt: Attempt) =>
  attempt.kind === 'underWay' || (attempt.kind === 'succeeded' && !attempt.isProven);

const budgetsFor = (disruptionsAllowed: number | undefined, namespace: string) =>
  disruptionsAllowed === undefined
    ? []
    : [
        {
          namespace,
          name: 'all',
          uid: `budget of ${namespace}`,
          createdAt: 0,
          deletedAt: undefined,
          selector: [],
          disruptionsAllowed,
        },
      ];

/** What the next plan reads in the status. */
const isBindingFor = (name: string, one: ObservedInstrumentation, made: Plan): boolean =>
  made.follows.has(name) ||
  made.breakers.get(name)?.since !== readBreaker(one)?.since ||
  textAt(objectAt(one.status, 'settings') ?? {}, 'digest') !== settingsDigest(one);

/** By what it is made of, for all clusters; and where the very template is known, without a key. */
const wants = new Map<string, Wanted>();
const wantsOfTemplates = new WeakMap<JsonObject, readonly [world: string, wanted: Wanted]>();

function rememberWanted(
  { template, digest, kind, namespace, name }: Workload,
  worldKey: string,
  make: () => Wanted,
): Wanted {
  const [world, last] = wantsOfTemplates.get(template) ?? [];
  if (last && world === worldKey) return last;
  const key = `${worldKey}|${workloadKey({ kind, namespace, name })}|${digest}`;
  const wanted = wants.get(key) ?? make();
  if (wants.size > 20_000) wants.clear();
  wants.set(key, wanted);
  wantsOfTemplates.set(template, [worldKey, wanted]);
  return wanted;
}
