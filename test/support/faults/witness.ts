import type { OnChange } from '../../../controller/kube/cache.ts';
import { isOlder, type KubeObject } from '../../../controller/kube/resource.ts';

export interface Shown {
  readonly uid: string;
  readonly version: string;
}

/** What a reflector is given to keep in these tests. */
export const shownOf = ({ metadata }: KubeObject): Shown => ({
  uid: metadata.uid,
  version: metadata.resourceVersion,
});

/**
 * Listens to a cache and holds it to its word: each change goes on from what was shown before, and
 * nothing is ever older than what was shown of it.
 */
export class Witness {
  readonly shown = new Map<string, Shown>();
  readonly newest = new Map<string, string>();
  readonly broken: string[] = [];
  readonly log: string[] = [];

  readonly onChange: OnChange<Shown> = (key, now, before) => {
    const known = this.shown.get(key);
    if (known?.version !== before?.version)
      this.broken.push(`${key}: before is not what was shown`);
    if (now && before && now.uid !== before.uid)
      this.broken.push(`${key}: two objects in one change`);
    const newest = this.newest.get(key);
    if (now && newest !== undefined && isOlder(now.version, newest)) {
      this.broken.push(`${key}: ${now.version} after ${newest}`);
    }
    if (now) {
      this.shown.set(key, now);
      this.newest.set(key, now.version);
    } else {
      this.shown.delete(key);
    }
    this.log.push(`${now ? (before ? 'changed' : 'added') : 'deleted'} ${key}`);
  };

  versions(): Map<string, string> {
    return new Map([...this.shown].map(([key, { version }]) => [key, version]));
  }
}
