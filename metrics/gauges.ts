import type { Described, Labels } from './catalog.ts';

/** What is so at the moment of a scrape. What is not known yet has no series. */
export interface State {
  readonly certificates: () => readonly {
    readonly certificate: 'serving' | 'authority';
    /** Milliseconds since 1970. */
    readonly expiresAt: number;
  }[];
  readonly caches: () => readonly {
    readonly resource: string;
    readonly isSynced: boolean;
    /** Milliseconds since 1970. */
    readonly lastEventAt: number | undefined;
  }[];
}

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

export interface Gauge extends Described {
  readonly read: (state: State) => readonly Sample[];
}

export const gauges: readonly Gauge[] = [
  {
    name: 'retrofit_certificate_expiry_timestamp_seconds',
    help: 'When a certificate of the webhook expires.',
    labels: ['certificate'],
    read: ({ certificates }) =>
      certificates().map(({ certificate, expiresAt }) => ({
        labels: { certificate },
        value: expiresAt / 1000,
      })),
  },
  {
    name: 'retrofit_cache_synced',
    help: 'Whether all objects of a resource have been read (1) or not yet (0).',
    labels: ['resource'],
    read: ({ caches }) =>
      caches().map(({ resource, isSynced }) => ({ labels: { resource }, value: isSynced ? 1 : 0 })),
  },
  {
    name: 'retrofit_watch_last_event_timestamp_seconds',
    help: 'When a watch last told of anything, its bookmarks included.',
    labels: ['resource'],
    read: ({ caches }) =>
      caches().flatMap(({ resource, lastEventAt }) =>
        lastEventAt === undefined ? [] : [{ labels: { resource }, value: lastEventAt / 1000 }],
      ),
  },
];
