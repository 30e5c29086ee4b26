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
  const name = { name: 'sandbox-ca' };
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const mark = (subject: Subject, publicKey: KeyObject, extensions: readonly Buffer[]) =>
    certify([nameOf(name), validity(now), nameOf(subject), publicKey.export({ type: 'spki', format: 'der' }), der(0xa3, der(0x30, ...extensions))], own.privateKey);
  return {
    certificate: mark(name, own.publicKey, [extension('551d13', der(0x30, der(0x01, Buffer.of(0xff)))), extension('551d0f', der(0x03, Buffer.of(1, 0x06)))]),
    issue(subject) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const certificate = mark(subject, publicKey, leafExtensions(subject));
      return { certificate, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    },
  };
}

const ecdsaWithSha256 = der(0x30, oid('2a8648ce3d040302'));

function certify(parts: readonly Buffer[], key: KeyObject): string {
  const serial = Buffer.concat([Buffer.of(0x40), randomBytes(8)]);
  const content = der(0x30, der(0xa0, der(0x02, Buffer.of(2))), der(0x02, serial), ecdsaWithSha256, ...parts);
  const signature = der(0x03, Buffer.of(0), sign('sha256', content, key));
  const lines = der(0x30, content, ecdsaWithSha256, signature).toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

const dayMs = 86_400_000;

/** From an hour ago until a year from now: a development server is not meant to live that long. */
const validity = (now: Date) => der(0x30, time(now.getTime() - dayMs / 24), time(now.getTime() + 365 * dayMs));
const time = (ms: number) => der(0x17, Buffer.from(new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '').slice(2)));

function nameOf({ name, organizations = [] }: Subject): Buffer {
  const part = (type: string, text: string) => der(0x31, der(0x30, oid(type), der(0x0c, Buffer.from(text))));
  return der(0x30, ...organizations.map((one) => part('55040a', one)), part('550403', name));
}

function leafExtensions({ addresses = [] }: Subject): readonly Buffer[] {
  const usage = extension('551d0f', der(0x03, Buffer.of(7, 0x80)));
  const purpose = extension('551d25', der(0x30, oid(addresses.length > 0 ? '2b06010505070301' : '2b06010505070302')));
  const isIp = (address: string) => /^[\d.]+$/.test(address);
  const names = addresses.map((one) => (isIp(one) ? der(0x87, Buffer.from(one.split('.').map(Number))) : der(0x82, Buffer.from(one))));
  return addresses.length > 0 ? [usage, purpose, extension('551d11', der(0x30, ...names))] : [usage, purpose];
}

/** Critical but for the alternative names, which older readers may pass over. */
const extension = (type: string, value: Buffer) =>
  der(0x30, oid(type), ...(type === '551d11' ? [] : [der(0x01, Buffer.of(0xff))]), der(0x04, value));

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

/** Two bytes of length are enough: no certificate here reaches 64 KiB. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x1_00 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}
