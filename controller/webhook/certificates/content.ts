import type { X509Certificate } from 'node:crypto';
import type { CertificateProblem } from '../../../domain/facts.ts';
import {
  fits,
  isIssuedBy,
  periodOf,
  readCertificates,
  readKey,
  readPair,
  type Pair,
} from './pair.ts';

/** The members of the Secret, as text. */
export const members = ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'] as const;

export type Entries = Readonly<Record<(typeof members)[number], string>>;

export interface Authority {
  readonly certificate: string;
  readonly parsed: X509Certificate;
  readonly validFrom: number;
  readonly expiresAt: number;
}

/** What the Secret holds, as far as it is of use. */
export interface Content {
  /** All that must be trusted now, newest first. */
  readonly authorities: readonly Authority[];
  /** Of the newest authority; of the others no key is kept. */
  readonly authorityKey: string | undefined;
  /** Issued by one of the authorities. */
  readonly serving: Pair | undefined;
}

export interface Reading {
  readonly content: Content;
  readonly problems: readonly CertificateProblem[];
}

/** Sorts the usable from the unusable, member by member, so that one bad member does not cost the others. */
export function readContent(entries: Partial<Entries>): Reading {
  const authorities = readCertificates(entries['ca.crt'] ?? '').map(authorityOf);
  const key = entries['ca.key'];
  const [newest] = authorities;
  const keyFits = newest !== undefined && key !== undefined && fits(newest.parsed, readKey(key));
  const read = readPair(entries['tls.crt'], entries['tls.key']);
  const pair = read.kind === 'sound' ? read.pair : undefined;
  const isOurs = pair !== undefined && authorities.some(({ parsed }) => isIssuedBy(pair, parsed));
  return {
    content: {
      authorities,
      authorityKey: keyFits ? key : undefined,
      serving: isOurs ? pair : undefined,
    },
    problems: [
      ...(newest === undefined ? [absentOr(entries['ca.crt'])] : []),
      ...(newest === undefined || keyFits ? [] : [keyProblem(key)]),
      ...(read.kind === 'unsound' ? [read.problem] : []),
      ...(pair === undefined || isOurs ? [] : (['ServingForeign'] as const)),
    ],
  };
}

const absentOr = (text = ''): CertificateProblem =>
  text === '' ? 'AuthorityMissing' : 'AuthorityUnreadable';

const keyProblem = (key = ''): CertificateProblem =>
  key === '' ? 'AuthorityKeyMissing' : 'AuthorityKeyUnfit';

function authorityOf(parsed: X509Certificate): Authority {
  return { certificate: parsed.toString(), parsed, ...periodOf(parsed) };
}

/** The authority in a text that we have just written ourselves. */
export function readAuthority(certificate: string): Authority {
  const [parsed] = readCertificates(certificate);
  if (parsed === undefined) throw new Error('A certificate of our own making cannot be read.');
  return authorityOf(parsed);
}

export const bundleOf = ({ authorities }: Content): string =>
  authorities.map(({ certificate }) => `${certificate.trim()}\n`).join('');

export const entriesOf = (content: Content): Entries => ({
  'ca.crt': bundleOf(content),
  'ca.key': content.authorityKey ?? '',
  'tls.crt': content.serving?.certificate ?? '',
  'tls.key': content.serving?.key ?? '',
});
