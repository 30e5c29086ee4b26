import type { Fault } from '../kube/fault.ts';
import type { Reflector } from '../kube/reflector.ts';

type Reading = Pick<Reflector<unknown>, 'synced' | 'state'>;

/** Tells of kinds whether there is anything left to wait for. */
export interface Knowledge {
  readonly has: (plural: string, reading: Reading | undefined) => boolean;
  readonly hear: (plural: string, fault: Fault) => void;
}

/** What is done without where a role of an earlier release does not let it be read. */
const dispensable = 'limitranges';

export function createKnowledge(onMore: () => void): Knowledge {
  let isRefused = false;
  return {
    // A kind that the server does not know has no objects, and that is all there is to know.
    has: (plural, reading) =>
      reading?.synced === true ||
      reading?.state === 'absent' ||
      (isRefused && plural === dispensable),
    hear: (plural, { key }) => {
      if (key !== 'Forbidden' || plural !== dispensable) return;
      isRefused = true;
      onMore();
    },
  };
}
