import type { V1Probe } from '@kubernetes/client-node';
import { pauseUnless, verdicts, type Running } from './probes.ts';
import { timeOf, type Container, type ContainerStatus } from './shapes.ts';

/** How a container starts, or why it must wait. */
export type Preparation =
  | { readonly kind: 'prepared'; readonly start: (hear: (text: string) => void) => Running }
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string };

export interface Surroundings {
  readonly policy: string;
  readonly backOffMs: number;
  readonly graceMs: number;
  readonly prepare: () => Promise<Preparation>;
  readonly tell: () => void;
}

const longestBackOffMs = 300_000;
const lookAgainMs = 200;
const keptCharacters = 1_000_000;

const failed = (error: unknown) =>
  ({ kind: 'waiting', reason: 'CreateContainerError', message: String(error) }) as const;

/** One container, from its first start to its last end. */
export class ContainerRun {
  readonly spec: Container;
  readonly role: 'init' | 'sidecar' | 'main';
  status: ContainerStatus;
  /** What it wrote, the oldest forgotten first: now, and before its last restart. */
  log: string | undefined;
  previousLog: string | undefined;
  readonly #around: Surroundings;
  readonly #end = new AbortController();
  readonly #firstStart = Promise.withResolvers<void>();
  #running: Running | undefined;

  constructor(spec: Container, role: ContainerRun['role'], around: Surroundings) {
    this.spec = spec;
    this.role = role;
    this.#around = around;
    const state = { waiting: { reason: 'PodInitializing' } };
    const { name, image = '' } = spec;
    const nothing = { imageID: '', containerID: '', ready: false, started: false };
    this.status = { name, image, ...nothing, restartCount: 0, state, lastState: {} };
  }

  /** Starts it as often as its policy asks for; whether it ended well. */
  async run(): Promise<boolean> {
    const { policy } = this.#around;
    const { signal } = this.#end;
    for (let crashes = 0; ; crashes += 1) {
      const exitCode = await this.#once();
      const isWell = exitCode === 0;
      const isDone = policy === 'Never' || (policy === 'OnFailure' && isWell);
      if (isDone || signal.aborted) return isWell;
      const { state: lastState, restartCount } = this.status;
      this.status = { ...this.status, lastState };
      if (crashes > 0) await this.#backOff(crashes - 1);
      if (signal.aborted) return false;
      this.status = { ...this.status, restartCount: restartCount + 1 };
    }
  }

  /** Resolves when it first counts as started: a sidecar holds up those behind it until then. */
  firstStart(): Promise<void> {
    return this.#firstStart.promise;
  }

  /** Lets it end by itself, for so long; it is not started again. */
  async stop(graceMs: number): Promise<void> {
    this.#end.abort();
    this.#firstStart.resolve();
    await this.#terminate(graceMs);
  }

  #become(change: Partial<ContainerStatus>): void {
    this.status = { ...this.status, ...change };
    this.#around.tell();
  }

  async #backOff(times: number): Promise<void> {
    const delayMs = Math.min(this.#around.backOffMs * 2 ** times, longestBackOffMs);
    const message = `back-off ${delayMs / 1000}s restarting failed container=${this.spec.name}`;
    this.#become({ state: { waiting: { reason: 'CrashLoopBackOff', message } } });
    await pauseUnless(this.#end.signal, delayMs);
  }

  /** Nothing, if it never came to a start. */
  async #once(): Promise<number | undefined> {
    const prepared = await this.#prepared();
    if (prepared === undefined) return undefined;
    this.previousLog = this.log;
    this.log = '';
    const running = prepared.start((text) => (this.log = (this.log + text).slice(-keptCharacters)));
    this.#running = running;
    const startedAt = timeOf(new Date());
    const containerID = `process://${running.pid}.${this.status.restartCount}`;
    this.#become({ containerID, state: { running: { startedAt } } });
    const over = new AbortController();
    if (this.role !== 'init') void this.#probe(running, over.signal);

    const exitCode = await running.exit;
    over.abort();
    this.#running = undefined;
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    const times = { startedAt, finishedAt: timeOf(new Date()) };
    const state = { terminated: { exitCode, reason, ...times, containerID } };
    this.#become({ state, started: false, ready: this.role === 'init' && exitCode === 0 });
    return exitCode;
  }

  /** What a container refers to may come later than the container. */
  async #prepared() {
    const { signal } = this.#end;
    for (; !signal.aborted; await pauseUnless(signal, lookAgainMs)) {
      const preparation = await this.#around.prepare().catch(failed);
      if (signal.aborted) return undefined;
      if (preparation.kind === 'prepared') return preparation;
      const { reason, message } = preparation;
      this.#become({ state: { waiting: { reason, message } } });
    }
    return undefined;
  }

  async #probe(running: Running, over: AbortSignal): Promise<void> {
    const { startupProbe, readinessProbe, livenessProbe } = this.spec;
    if (startupProbe) {
      const { value: isWell } = await verdicts(startupProbe, running, over).next();
      if (isWell === false) void this.#terminate(this.#around.graceMs);
      if (isWell !== true) return;
    }
    this.#become({ started: true, ready: readinessProbe === undefined });
    this.#firstStart.resolve();
    if (livenessProbe) void this.#keepAlive(livenessProbe, running, over);
    if (!readinessProbe) return;
    for await (const ready of verdicts(readinessProbe, running, over)) this.#become({ ready });
  }

  async #keepAlive(probe: V1Probe, running: Running, over: AbortSignal): Promise<void> {
    for await (const isWell of verdicts(probe, running, over)) {
      if (!isWell) return this.#terminate(this.#around.graceMs);
    }
  }

  /** A polite word, and after the grace period none. */
  async #terminate(graceMs: number): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    const impatience = setTimeout(() => running.signal('SIGKILL'), graceMs);
    running.signal('SIGTERM');
    await running.exit;
    clearTimeout(impatience);
  }
}
