import type { CertificateFact } from '../../../domain/facts.ts';
import { Fault } from '../../kube/fault.ts';
import type { Time } from '../../kube/pace.ts';
import {
  bundleOf,
  entriesOf,
  members,
  readContent,
  type Authority,
  type Content,
  type Entries,
  type Reading,
} from './content.ts';
import { isSamePair, type Pair } from './pair.ts';
import { createPublisher, type Found } from './publisher.ts';
import { renew } from './renewal.ts';
import { createRounds, type Rounds } from './rounds.ts';
import { createWitness } from './witness.ts';
import type { ConfigurationStore, SecretStore, StoredSecret, Target, Written } from './stores.ts';

/** When what is shown and what vouches for it come to an end. */
export interface Expiries {
  readonly serving: number | undefined;
  readonly authority: number | undefined;
}

/** Keeps a valid pair in the server's hand, wherever it comes from. */
export interface Certificates extends Rounds {
  /** Never fails: what goes wrong is a fact, and the next look tries again. */
  look(): Promise<'settled' | 'unsettled'>;
  expiries(): Expiries;
}

export interface SelfManagedOptions {
  readonly secret: SecretStore;
  readonly configurations: ConfigurationStore;
  readonly targets: readonly Target[];
  readonly names: readonly string[];
  readonly time: Time;
  readonly record: (fact: CertificateFact) => void;
  readonly show: (pair: Pair) => void;
}

const pace = { lookMs: 15_000, retryMs: 2_000 };
/** As often somebody else may be faster before it is better to wait for a while. */
const mostTries = 5;

/**
 * Our own authority and pair, in one Secret that all replicas share. No replica leads: each does what
 * the Secret lacks, the first write wins, and all show what is written.
 */
export function selfManaged(options: SelfManagedOptions): Certificates {
  const { secret, configurations: store, targets, names, time, record, show } = options;
  const publisher = createPublisher({ store, targets, record });
  const witness = createWitness('secret', record);
  let held: Content | undefined;
  let shown: Pair | undefined;

  async function look(): Promise<'settled' | 'unsettled'> {
    let outcome: Written = 'changed';
    try {
      for (let tries = 0; outcome === 'changed' && tries < mostTries; tries += 1)
        outcome = await lookOnce();
      if (outcome === 'changed') throw new Fault('Conflict');
      witness.worked();
    } catch (error) {
      witness.failed(error);
    }
    witness.shown(shown, time.wall());
    return outcome === 'written' ? 'settled' : 'unsettled';
  }

  async function lookOnce(): Promise<Written> {
    const published = await settledBy(publisher.read());
    const stored = await secret.read();
    const reading = readingOf(stored);
    witness.unsound(reading?.problems ?? []);
    const found = published.status === 'fulfilled' ? published.value : [];
    const [now, isPublished] = [time.wall(), standsIn(found)];
    const { content, issued } = renew(reading, { names, now, held, isPublished });
    if ((await keep(secret, stored, entriesOf(content))) === 'changed') return 'changed';
    for (const issue of issued) record({ type: 'CertificateIssued', ...issue });
    held = content;
    adopt(content.serving);
    if (published.status === 'rejected') throw published.reason;
    return publisher.publish(found, bundleOf(content), now);
  }

  function adopt(pair: Pair | undefined): void {
    if (pair === undefined || isSamePair(pair, shown)) return;
    shown = pair;
    show(pair);
    record({ type: 'CertificateLoaded', source: 'secret', expiresAt: pair.expiresAt });
  }

  return {
    ...createRounds(look, pace, time),
    look,
    expiries: () => ({ serving: shown?.expiresAt, authority: held?.authorities[0]?.expiresAt }),
  };
}

/** An empty Secret is one that somebody has prepared for us. */
function readingOf(stored: StoredSecret | undefined): Reading | undefined {
  const { entries = {} } = stored ?? {};
  return Object.keys(entries).length === 0 ? undefined : readContent(entries);
}

function standsIn(found: readonly Found[]) {
  const webhooks = found.flatMap((one) => one.webhooks);
  return ({ certificate }: Authority) =>
    webhooks.length > 0 && webhooks.every(({ bundle }) => bundle.includes(certificate.trim()));
}

async function keep(
  secret: SecretStore,
  stored: StoredSecret | undefined,
  entries: Entries,
): Promise<Written> {
  if (stored === undefined) return secret.create(entries);
  const isKept = members.every((member) => stored.entries[member] === entries[member]);
  return isKept ? 'written' : secret.replace(stored, entries);
}

/** Without the rights to publish there can be a pair all the same. */
async function settledBy<T>(call: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [outcome] = await Promise.allSettled([call]);
  return outcome;
}
