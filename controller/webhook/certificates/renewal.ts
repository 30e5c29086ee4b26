import type { IssueCause } from '../../../domain/facts.ts';
import { readAuthority, type Authority, type Content, type Reading } from './content.ts';
import { covers, isIssuedBy, readKey, readPair, type Pair } from './pair.ts';
import { issueAuthority, issueServing, type Period } from './x509.ts';

export interface Circumstances {
  /** By which the API server calls us. */
  readonly names: readonly string[];
  readonly now: number;
  /** What this replica found the last time, should the Secret have lost it since. */
  readonly held: Content | undefined;
  /** Whether every webhook of ours is told to trust this authority. */
  readonly isPublished: (authority: Authority) => boolean;
}

export interface Issue {
  readonly certificate: 'authority' | 'serving';
  readonly because: IssueCause;
  readonly expiresAt: number;
}

export interface Renewal {
  readonly content: Content;
  readonly issued: readonly Issue[];
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export const lives = { authorityMs: 3_650 * dayMs, servingMs: 90 * dayMs };
/** For clocks that are behind ours. */
const backdateMs = hourMs;
/** For every API server to learn of a new authority before it meets what was issued by it. */
export const overlapMs = hourMs / 6;
/** For every replica to stop showing what a former authority issued. */
export const farewellMs = dayMs;

/**
 * What the Secret should hold now. An authority is followed by another at two thirds of its life:
 * the new one is published beside the old, then the serving certificate changes hands, then the old
 * one is dropped. All of it is read off the certificates, so any replica can take the next step.
 */
export function renew(found: Reading | undefined, around: Circumstances): Renewal {
  const kept = salvage(found, around);
  const first = renewAuthority(kept, found, around);
  const second = renewServing(first.content, found, around);
  return {
    content: dropFormer(second.content, around.now),
    issued: [...first.issued, ...second.issued],
  };
}

/**
 * The usable part. Deleting the Secret is how a person asks for another authority, so then only what
 * must stay trusted for a while is kept; from a damaged one all is kept that can be.
 */
function salvage(found: Reading | undefined, { held, now }: Circumstances): Content {
  const content = found?.content;
  const own = alive(content?.authorities ?? [], now);
  const authorities = own.length > 0 ? own : alive(held?.authorities ?? [], now);
  const [newest] = authorities;
  const heldKey =
    newest?.certificate === held?.authorities[0]?.certificate ? held?.authorityKey : undefined;
  const keys = found === undefined ? undefined : (content?.authorityKey ?? heldKey);
  const serving = [content?.serving, held?.serving].find(
    (pair) =>
      pair !== undefined &&
      pair.expiresAt > now &&
      authorities.some(({ parsed }) => isIssuedBy(pair, parsed)),
  );
  return { authorities, authorityKey: keys, serving };
}

const alive = (authorities: readonly Authority[], now: number) =>
  authorities.filter(({ expiresAt }) => expiresAt > now);

function renewAuthority(
  content: Content,
  found: Reading | undefined,
  { now }: Circumstances,
): Renewal {
  const [newest] = content.authorities;
  const isWhole = newest !== undefined && content.authorityKey !== undefined;
  if (isWhole && now < dueAt(newest)) return { content, issued: [] };
  const period = periodFrom(now, lives.authorityMs);
  const name = `otel-retrofit webhook authority ${period.from.toISOString().slice(0, 19)}`;
  const { certificate, key } = issueAuthority(name, period);
  const authority = readAuthority(certificate);
  const because = isWhole ? 'RenewalDue' : absentOrUnsound(found);
  return {
    content: {
      ...content,
      authorities: [authority, ...content.authorities],
      authorityKey: key,
    },
    issued: [{ certificate: 'authority', because, expiresAt: authority.expiresAt }],
  };
}

function renewServing(
  content: Content,
  found: Reading | undefined,
  around: Circumstances,
): Renewal {
  const [authority] = content.authorities;
  const privateKey = readKey(content.authorityKey ?? '');
  const because = servingCause(content, found, around);
  if (because === undefined || authority === undefined || privateKey === undefined)
    return { content, issued: [] };
  const { publicKey, subject } = authority.parsed;
  const name = subject.replace(/^CN=/, '');
  const period = periodFrom(around.now, lives.servingMs, authority.expiresAt);
  const issued = issueServing(around.names, period, { name, publicKey, privateKey });
  const read = readPair(issued.certificate, issued.key);
  if (read.kind === 'unsound') throw new Error('A certificate of our own making cannot be read.');
  const { expiresAt } = read.pair;
  return {
    content: { ...content, serving: read.pair },
    issued: [{ certificate: 'serving', because, expiresAt }],
  };
}

function servingCause(
  { authorities, serving }: Content,
  found: Reading | undefined,
  { names, now, isPublished }: Circumstances,
): IssueCause | undefined {
  const [newest] = authorities;
  const hasEnded = serving === undefined && found?.content.serving !== undefined;
  if (serving === undefined) return hasEnded ? 'RenewalDue' : absentOrUnsound(found);
  if (!covers(serving, names)) return 'NamesMissing';
  if (newest === undefined) return undefined;
  if (isIssuedBy(serving, newest.parsed)) return now < dueAt(serving) ? undefined : 'RenewalDue';
  const isKnown = isPublished(newest) && now >= issuedAt(newest) + overlapMs;
  return isKnown || now >= lastMomentOf(serving) ? 'AuthorityRenewed' : undefined;
}

const absentOrUnsound = (found: Reading | undefined): IssueCause =>
  found === undefined ? 'Absent' : 'Unsound';

function dropFormer(content: Content, now: number): Content {
  const { authorities, serving } = content;
  const [newest] = authorities;
  if (newest === undefined || serving === undefined) return content;
  const isAlone = isIssuedBy(serving, newest.parsed) && now >= issuedAt(serving) + farewellMs;
  return isAlone ? { ...content, authorities: [newest] } : content;
}

interface Lasting {
  readonly validFrom: number;
  readonly expiresAt: number;
}

const issuedAt = ({ validFrom }: Lasting) => validFrom + backdateMs;

const dueAt = (one: Lasting) => issuedAt(one) + ((one.expiresAt - issuedAt(one)) * 2) / 3;

/** A certificate that nobody trusts is no worse than one that has expired. */
const lastMomentOf = (serving: Pair) =>
  serving.expiresAt - (serving.expiresAt - issuedAt(serving)) / 10;

function periodFrom(now: number, lifeMs: number, end = Number.POSITIVE_INFINITY): Period {
  return { from: new Date(now - backdateMs), until: new Date(Math.min(now + lifeMs, end)) };
}
