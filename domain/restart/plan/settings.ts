import { digest } from '../../injection/stamp.ts';
import { listAt, objectAt, textAt } from '../../json.ts';
import type { ObservedInstrumentation } from '../records/instrumentation.ts';
import { secondsAt, type Seconds } from '../records/metadata.ts';

/** What our status tells of the changes of an Instrumentation. */
export interface SettingsHistory {
  readonly digest: string;
  /** Since when they are as they are; unknown until the status speaks of these settings. */
  readonly since: Seconds | undefined;
  /** Changes that restarts followed, each by when it was first seen. */
  readonly followed: readonly Seconds[];
}

/** All that shapes a pod: a change of anything else is none. */
export function settingsDigest({ settings: { digests } }: ObservedInstrumentation): string {
  const found = known.get(digests) ?? digest(digests);
  known.set(digests, found);
  return found;
}

/** Each round asks several times, and for the same. */
const known = new WeakMap<object, string>();

export function readSettings(instrumentation: ObservedInstrumentation): SettingsHistory {
  const found = histories.get(instrumentation) ?? readHistory(instrumentation);
  histories.set(instrumentation, found);
  return found;
}

const histories = new WeakMap<ObservedInstrumentation, SettingsHistory>();

function readHistory(instrumentation: ObservedInstrumentation): SettingsHistory {
  const told = objectAt(instrumentation.status, 'settings') ?? {};
  const present = settingsDigest(instrumentation);
  return {
    digest: present,
    since: textAt(told, 'digest') === present ? secondsAt(told, 'since') : undefined,
    followed: (listAt(told, 'followed') ?? []).flatMap((at) => secondsAt({ at }, 'at') ?? []),
  };
}
