/*
 * What goes from the server to the browser. Both sides read these shapes, so nothing of either side
 * is imported here. Members may be added, never renamed: people read the same JSON with `curl`.
 */

/** The gravest first, as a person would want to read them. */
export const verdictKinds = [
  'stuck',
  'refused',
  'behind',
  'waiting',
  'held',
  'current',
  'exempt',
] as const;

export type VerdictKind = (typeof verdictKinds)[number];

/** What is as it should be first, as it is drawn. */
export const states = [
  'current',
  'aged',
  'adopted',
  'outdated',
  'missing',
  'refused',
  'unwanted',
] as const;

export type State = (typeof states)[number];

export type Counts = Readonly<Partial<Record<State, number>>>;

/** One workload. Times are seconds since 1970 by the clock of the API server. */
export interface Row {
  readonly key: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly verdict: VerdictKind;
  readonly reason?: string | undefined;
  /** Why pods lack what they asked for, where that is not the reason itself. */
  readonly cause?: string | undefined;
  readonly since?: number | undefined;
  /** When it is looked at again, where that is known. */
  readonly until?: number | undefined;
  /** Live pods that ask for something or carry something. */
  readonly pods: Counts;
  /** Our latest restart of it. */
  readonly restart?: Restart | undefined;
}

export interface Restart {
  readonly state: 'underWay' | 'succeeded' | 'failed' | 'didNotHelp' | 'reverted' | 'over';
  readonly number: number;
  readonly at: number;
  /** How many of its pods are of the newest template, and how many there are to be. */
  readonly updated: number;
  readonly desired: number;
}

export interface OpenBreaker {
  /** As `namespace/name`. */
  readonly instrumentation: string;
  readonly since: number;
  readonly workload: string;
  readonly reason: string;
  readonly remedy: string;
}

/** What is said of all at once. */
export interface Head {
  readonly role: 'starting' | 'standby' | 'leading';
  /** Who leads, where this replica does not. */
  readonly holder?: string | undefined;
  readonly isWebhookProven: boolean;
  readonly breakers: readonly OpenBreaker[];
}

/** `/state.json`. */
export interface Overview {
  /** To be given back as `/events?after=`. */
  readonly version: string;
  readonly now: number;
  readonly head: Head;
  /** What each reason means, by its key. */
  readonly reasons: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

/** The event `delta` of `/events`, and with no rows the event `beat`. */
export interface Delta {
  readonly now: number;
  readonly head: Head;
  readonly rows: readonly Row[];
  /** Keys of workloads that are gone. */
  readonly gone: readonly string[];
}

/** `/workload.json?key=`: one workload and its pods. */
export interface Detail {
  readonly row: Row;
  readonly summary: string;
  readonly remedy?: string | undefined;
  readonly cause?: string | undefined;
  readonly instrumentations: readonly string[];
  readonly languages: readonly string[];
  /** The worst first. */
  readonly pods: readonly PodLine[];
  /** How many more there are. */
  readonly more: number;
}

export interface PodLine {
  readonly name: string;
  /** None where it neither asks for anything nor carries anything. */
  readonly state?: State | undefined;
  readonly reason?: string | undefined;
  readonly summary: string;
  readonly remedy?: string | undefined;
  /** How it does, in the words of `kubectl get pods`. */
  readonly phase: string;
  readonly isReady: boolean;
  readonly restarts: number;
  readonly createdAt: number;
}
