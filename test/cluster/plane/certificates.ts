import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** A certificate and its key, both as PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** Who a certificate speaks for; a Kubernetes API server reads the user from CN and the groups from O. */
export interface Subject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  /** With addresses it is a server's certificate, without it is a client's. */
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
}

export interface Authority {
  readonly certificate: string;
  issue(subject: Subject): Identity;
}

/** Makes a certificate authority that lives for one test run: a day is more than any run takes. */
export function createAuthority(now: Date): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = { commonName: 'retrofit-test-ca' };
  const signed = (body: Unsigned) => certify(body, subject, keys.privateKey, now);
  return {
    certificate: signed({ subject, publicKey: keys.publicKey, extensions: authorityExtensions() }),
    issue(leaf) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const certificate = signed({ subject: leaf, publicKey, extensions: leafExtensions(leaf) });
      return { certificate, key: pemOf(privateKey) };
    },
  };
}

/** The key with which the API server signs ServiceAccount tokens, in the one form that it reads. */
export function createTokenKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return String(privateKey.export({ type: 'sec1', format: 'pem' }));
}

const pemOf = (key: KeyObject) => String(key.export({ type: 'pkcs8', format: 'pem' }));

/** Object identifiers as DER writes them. */
const oids = {
  commonName: '550403',
  organization: '55040a',
  keyUsage: '551d0f',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
  extendedKeyUsage: '551d25',
  serverAuth: '2b06010505070301',
  clientAuth: '2b06010505070302',
  ecdsaWithSha256: '2a8648ce3d040302',
} as const;

interface Unsigned {
  readonly subject: Subject;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

const dayMs = 86_400_000;

function certify(body: Unsigned, issuer: Subject, key: KeyObject, now: Date): string {
  const serial = randomBytes(8);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40; // positive, and never shortened
  const validity = sequence(
    time(new Date(now.getTime() - dayMs / 24)),
    time(new Date(now.getTime() + dayMs)),
  );
  const algorithm = sequence(oid(oids.ecdsaWithSha256));
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, serial),
    algorithm,
    nameOf(issuer),
    validity,
    nameOf(body.subject),
    body.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...body.extensions)),
  );
  const signature = sign('sha256', toBeSigned, key);
  const whole = sequence(toBeSigned, algorithm, der(0x03, Buffer.of(0), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function nameOf({ commonName, organizations = [] }: Subject): Buffer {
  const part = (type: string, value: string) =>
    der(0x31, sequence(oid(type), der(0x0c, Buffer.from(value))));
  return sequence(
    ...organizations.map((name) => part(oids.organization, name)),
    part(oids.commonName, commonName),
  );
}

function authorityExtensions(): readonly Buffer[] {
  const mayIssue = sequence(der(0x01, Buffer.of(0xff)));
  const signsCertificates = der(0x03, Buffer.of(1, 0x06));
  return [
    extension(oids.basicConstraints, mayIssue, 'critical'),
    extension(oids.keyUsage, signsCertificates, 'critical'),
  ];
}

function leafExtensions({ dnsNames = [], ipAddresses = [] }: Subject): readonly Buffer[] {
  const addresses = [
    ...dnsNames.map((name) => der(0x82, Buffer.from(name))),
    ...ipAddresses.map((ip) => der(0x87, Buffer.from(ip.split('.').map(Number)))),
  ];
  const usage = extension(oids.keyUsage, der(0x03, Buffer.of(7, 0x80)), 'critical');
  if (addresses.length === 0) return [usage, purpose(oids.clientAuth)];
  const names = extension(oids.subjectAltName, sequence(...addresses));
  return [usage, purpose(oids.serverAuth), names];
}

const purpose = (which: string) => extension(oids.extendedKeyUsage, sequence(oid(which)));

function extension(
  type: string,
  value: Buffer,
  weight: 'critical' | 'optional' = 'optional',
): Buffer {
  const critical = weight === 'critical' ? [der(0x01, Buffer.of(0xff))] : [];
  return sequence(oid(type), ...critical, der(0x04, value));
}

const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));

/** UTCTime, as RFC 5280 wants it for every year before 2050: `YYMMDDhhmmssZ`. */
function time(at: Date): Buffer {
  const digits = at.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return der(0x17, Buffer.from(digits.slice(2)));
}

/** Lengths of up to two bytes are enough: no certificate here reaches 64 KiB. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  if (length < 0x1_00) return Buffer.concat([Buffer.of(tag, 0x81, length), content]);
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), content]);
}
