import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** A certificate and its private key, both in PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

export interface Period {
  readonly from: Date;
  readonly until: Date;
}

export interface Issuer {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** Issues an authority that vouches for itself and for serving certificates, and for no other authority. */
export function issueAuthority(name: string, period: Period): Issued {
  const { publicKey, privateKey } = generateKeyPairSync('ec', curve);
  const issuer = { name, publicKey, privateKey };
  const extensions = [
    extension(oids.basicConstraints, true, sequence(boolean(true), integer(Buffer.from([0])))),
    extension(oids.keyUsage, true, bitString(certificateAndListSigning, 1)),
  ];
  return {
    certificate: issue({ name, publicKey, period, extensions }, issuer),
    key: pem(privateKey),
  };
}

/** Issues a certificate for a server that is known by these names or IPv4 addresses. */
export function issueServing(names: readonly string[], period: Period, issuer: Issuer): Issued {
  const { publicKey, privateKey } = generateKeyPairSync('ec', curve);
  const extensions = [
    extension(oids.basicConstraints, true, sequence()),
    extension(oids.keyUsage, true, bitString(digitalSignature, 7)),
    extension(oids.extendedKeyUsage, false, sequence(objectIdentifier(oids.serverAuth))),
    extension(oids.subjectAltName, false, sequence(...names.map(alternativeName))),
  ];
  const request = { name: 'otel-retrofit webhook', publicKey, period, extensions };
  return { certificate: issue(request, issuer), key: pem(privateKey) };
}

const curve = { namedCurve: 'P-256' } as const;
const certificateAndListSigning = Buffer.from([0b0000_0110]);
const digitalSignature = Buffer.from([0b1000_0000]);

const oids = {
  commonName: '2.5.4.3',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  subjectAltName: '2.5.29.17',
  subjectKeyIdentifier: '2.5.29.14',
  authorityKeyIdentifier: '2.5.29.35',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;

interface Request {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly period: Period;
  readonly extensions: readonly Buffer[];
}

function issue({ name, publicKey, period, extensions }: Request, issuer: Issuer): string {
  const algorithm = sequence(objectIdentifier(oids.ecdsaWithSha256));
  const identifiers = [
    extension(oids.subjectKeyIdentifier, false, tagged(tags.octetString, keyIdentifier(publicKey))),
    extension(
      oids.authorityKeyIdentifier,
      false,
      sequence(tagged(context(0), keyIdentifier(issuer.publicKey))),
    ),
  ];
  const version3 = tagged(constructed(0), integer(Buffer.from([2])));
  const content = sequence(
    version3,
    integer(serialNumber()),
    algorithm,
    distinguishedName(issuer.name),
    sequence(instant(period.from), instant(period.until)),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(constructed(3), sequence(...extensions, ...identifiers)),
  );
  const signature = sign('sha256', content, issuer.privateKey);
  const certificate = sequence(content, algorithm, bitString(signature, 0));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** Positive and of full length, whatever was drawn. */
function serialNumber(): Buffer {
  const drawn = randomBytes(16);
  drawn.writeUInt8((drawn.readUInt8(0) & 0x3f) | 0x40, 0);
  return drawn;
}

/** SHA-1 of the key's bits, as every verifier computes it; it names the key and protects nothing. */
function keyIdentifier(key: KeyObject): Buffer {
  const uncompressedPoint = key.export({ type: 'spki', format: 'der' }).subarray(-65);
  return createHash('sha1').update(uncompressedPoint).digest();
}

function alternativeName(name: string): Buffer {
  if (isIPv4(name)) return tagged(context(7), Buffer.from(name.split('.').map(Number)));
  return tagged(context(2), Buffer.from(name, 'ascii'));
}

function distinguishedName(name: string): Buffer {
  const attribute = sequence(
    objectIdentifier(oids.commonName),
    tagged(tags.utf8String, Buffer.from(name)),
  );
  return sequence(tagged(tags.set, attribute));
}

/** Two digits for the year until 2049, four from then on: so RFC 5280 has it. */
function instant(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return date.getUTCFullYear() < 2050
    ? tagged(tags.utcTime, Buffer.from(digits.slice(2)))
    : tagged(tags.generalizedTime, Buffer.from(digits));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  const flag = critical ? [boolean(true)] : [];
  return sequence(objectIdentifier(id), ...flag, tagged(tags.octetString, value));
}

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

const context = (number: number) => 0x80 | number;
const constructed = (number: number) => 0xa0 | number;

function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(content.length)]), content]);
}

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) octets.unshift(rest & 0xff);
  return [0x80 | octets.length, ...octets];
}

const sequence = (...parts: readonly Buffer[]) => tagged(tags.sequence, ...parts);
const boolean = (value: boolean) => tagged(tags.boolean, Buffer.from([value ? 0xff : 0]));
const integer = (octets: Buffer) => tagged(tags.integer, octets);
const bitString = (octets: Buffer, unusedBits: number) =>
  tagged(tags.bitString, Buffer.from([unusedBits]), octets);

function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second, ...rest.flatMap(base128)];
  return tagged(tags.objectIdentifier, Buffer.from(octets));
}

function base128(number: number): readonly number[] {
  const octets = [number & 0x7f];
  for (let rest = number >>> 7; rest > 0; rest >>>= 7) octets.unshift(0x80 | (rest & 0x7f));
  return octets;
}
