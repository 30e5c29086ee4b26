import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import type { CertificateProblem } from '../../../domain/facts.ts';

/** What a server shows and what proves that it may. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
  readonly parsed: X509Certificate;
  readonly validFrom: number;
  readonly expiresAt: number;
}

export type PairRead =
  | { readonly kind: 'sound'; readonly pair: Pair }
  | { readonly kind: 'unsound'; readonly problem: CertificateProblem };

/** Reads a certificate with its key; an expired pair is sound, whether it is of use is for others to say. */
export function readPair(certificate = '', key = ''): PairRead {
  if (certificate.trim() === '' || key.trim() === '') return unsound('ServingMissing');
  const [parsed] = readCertificates(certificate);
  if (parsed === undefined) return unsound('ServingUnreadable');
  if (!fits(parsed, readKey(key))) return unsound('ServingKeyUnfit');
  return { kind: 'sound', pair: { certificate, key, parsed, ...periodOf(parsed) } };
}

const unsound = (problem: CertificateProblem): PairRead => ({ kind: 'unsound', problem });

const blocks = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates in a text, or none if one of them is not readable. */
export function readCertificates(text: string): readonly X509Certificate[] {
  try {
    return (text.match(blocks) ?? []).map((block) => new X509Certificate(block));
  } catch {
    return [];
  }
}

export function readKey(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined;
  }
}

export const fits = (certificate: X509Certificate, key: KeyObject | undefined) =>
  key !== undefined && certificate.checkPrivateKey(key);

export const periodOf = ({ validFromDate, validToDate }: X509Certificate) => ({
  validFrom: validFromDate.getTime(),
  expiresAt: validToDate.getTime(),
});

export const isIssuedBy = ({ parsed }: Pair, authority: X509Certificate) =>
  parsed.checkIssued(authority) && parsed.verify(authority.publicKey);

/** Whether a client that asks for any of these names will be content. */
export const covers = ({ parsed }: Pair, names: readonly string[]) =>
  names.every((name) => Boolean(isIP(name) === 0 ? parsed.checkHost(name) : parsed.checkIP(name)));

export const isSamePair = (one: Pair | undefined, other: Pair | undefined) =>
  one?.certificate === other?.certificate && one?.key === other?.key;
