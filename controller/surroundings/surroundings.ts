import type { World } from '../../domain/injection/match.ts';

/** Everything that decisions need beside the pod, kept fresh from wherever it comes. */
export interface Surroundings {
  readonly worldOf: (namespace: string) => World;
  readonly fingerprint: () => string;
  /** What has not been read yet, as sentences; decisions would be wrong before. */
  readonly missing: () => readonly string[];
  readonly caches: () => readonly Freshness[];
  /** Runs until the signal is given. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Settles once nothing is missing any more. */
  readonly complete: Promise<void>;
}

export interface Freshness {
  readonly resource: string;
  readonly isSynced: boolean;
  readonly lastEventAt: number | undefined;
}
