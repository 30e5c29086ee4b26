import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** With addresses a server's certificate, without a client's: the user is the name, the groups are the organizations. */
export interface Subject {
  readonly name: string;
  readonly organizations?: readonly string[];
  readonly addresses?: readonly string[];
}

export interface Authority {
  readonly certificate: string;
  issue(subject: Subject): Identity;
}

/** A certificate authority that lives as long as the server that made it. */
export function createAuthority(now: Date): Authority {
  const own = newKeys();
  const certify = (subject: Subject, publicKey: KeyObject, extensions: readonly Buffer[]) => {
    const key = publicKey.export({ type: 'spki', format: 'der' });
    const parts = [nameOf({ name: 'sandbox-ca' }), validity(now), nameOf(subject), key];
    const more = extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : [];
    return signed([...parts, ...more], own.privateKey);
  };
  return {
    certificate: certify({ name: 'sandbox-ca' }, own.publicKey, authorityExtensions),
    issue(subject) {
      const { publicKey, privateKey } = newKeys();
      const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      return { certificate: certify(subject, publicKey, leafExtensions(subject)), key };
    },
  };
}

const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));

function signed(parts: readonly Buffer[], key: KeyObject): string {
  const version3 = der(0xa0, der(0x02, Buffer.of(2)));
  const serial = der(0x02, Buffer.of(0x40), randomBytes(8));
  const content = sequence(version3, serial, ecdsaWithSha256, ...parts);
  const signature = der(0x03, Buffer.of(0), sign('sha256', content, key));
  const text = sequence(content, ecdsaWithSha256, signature).toString('base64');
  const lines = text.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

const dayMs = 86_400_000;

/** From an hour ago for a year: a development server is not meant to live that long. */
function validity(now: Date): Buffer {
  const times = [-dayMs / 24, 365 * dayMs].map((ms) => new Date(now.getTime() + ms).toISOString());
  const digits = times.map((time) => time.replaceAll(/[-:T]|\.\d+/g, '').slice(2));
  return sequence(...digits.map((text) => der(0x17, Buffer.from(text))));
}

function nameOf({ name, organizations = [] }: Subject): Buffer {
  const parts = [
    ...organizations.map((one) => ['55040a', one] as const),
    ['550403', name] as const,
  ];
  const written = parts.map(([type, text]) => sequence(oid(type), der(0x0c, Buffer.from(text))));
  return sequence(...written.map((part) => der(0x31, part)));
}

/** The mark of an authority: critical, and yes. */
const mayIssue = der(0x01, Buffer.of(0xff));
const authorityExtensions = [sequence(oid('551d13'), mayIssue, der(0x04, sequence(mayIssue)))];

function leafExtensions({ addresses = [] }: Subject): readonly Buffer[] {
  const names = addresses.map((one) =>
    /^[\d.]+$/.test(one)
      ? der(0x87, Buffer.from(one.split('.').map(Number)))
      : der(0x82, Buffer.from(one)),
  );
  return names.length > 0 ? [sequence(oid('551d11'), der(0x04, sequence(...names)))] : [];
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, ...parts);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

/** Two bytes of length are enough: no certificate here reaches 64 KiB. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const long = length < 0x1_00 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...(length < 0x80 ? [length] : long)), content]);
}
