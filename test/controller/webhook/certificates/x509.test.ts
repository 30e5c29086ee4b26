import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import {
  readCertificates,
  readKey,
  readPair,
} from '../../../../controller/webhook/certificates/pair.ts';
import { issueAuthority, issueServing } from '../../../../controller/webhook/certificates/x509.ts';

const names = ['otel-retrofit.otel-retrofit.svc', 'localhost', '127.0.0.1'];
const day = 86_400_000;
const period = { from: new Date(Date.now() - day), until: new Date(Date.now() + 365 * day) };

function anAuthority(name = 'an authority', during = period) {
  const issued = issueAuthority(name, during);
  const [certificate] = readCertificates(issued.certificate);
  const privateKey = readKey(issued.key);
  if (certificate === undefined || privateKey === undefined) throw new Error('unreadable');
  return { ...issued, issuer: { name, publicKey: certificate.publicKey, privateKey } };
}

test('an issued certificate satisfies the strictest verifier for each of its names', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'retrofit-x509-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const authority = anAuthority();
  const serving = issueServing(names, period, authority.issuer);
  writeFileSync(join(folder, 'ca.crt'), authority.certificate);
  writeFileSync(join(folder, 'tls.crt'), serving.certificate);
  for (const name of [
    '-verify_hostname localhost',
    `-verify_hostname ${names[0]}`,
    '-verify_ip 127.0.0.1',
  ]) {
    const verdict = execFileSync(
      'openssl',
      [
        ...'verify -x509_strict -purpose sslserver -CAfile ca.crt'.split(' '),
        ...name.split(' '),
        'tls.crt',
      ],
      { cwd: folder, encoding: 'utf8' },
    );
    t.is(verdict, 'tls.crt: OK\n');
  }
  const error = t.throws(() =>
    execFileSync(
      'openssl',
      'verify -CAfile ca.crt -verify_hostname other.example tls.crt'.split(' '),
      {
        cwd: folder,
        stdio: 'pipe',
      },
    ),
  );
  t.regex(error?.message ?? '', /hostname mismatch/);
});

test('certificates that end in 2049, in 2050 and later carry their dates as they were given', (t) => {
  for (const year of [2049, 2050, 2090]) {
    const until = new Date(Date.UTC(year, 11, 31, 23, 59, 58));
    const [parsed] = readCertificates(
      anAuthority('long', { from: period.from, until }).certificate,
    );
    t.is(parsed?.validToDate.getTime(), until.getTime());
  }
});

test('an authority vouches for what it issued and for nothing else', (t) => {
  const one = anAuthority('one');
  const other = anAuthority('one');
  const serving = new X509Certificate(issueServing(names, period, one.issuer).certificate);
  t.true(serving.verify(one.issuer.publicKey));
  t.false(serving.verify(other.issuer.publicKey));
  t.false(serving.checkIssued(new X509Certificate(other.certificate)));
  t.true(serving.checkIssued(new X509Certificate(one.certificate)));
  t.false(serving.ca);
  t.true(new X509Certificate(one.certificate).ca);
});

test('no two certificates share a serial number, and each is positive and of full length', (t) => {
  const authority = anAuthority();
  const serials = Array.from(
    { length: 200 },
    () =>
      new X509Certificate(issueServing(names, period, authority.issuer).certificate).serialNumber,
  );
  t.is(new Set(serials).size, serials.length);
  t.true(serials.every((serial) => /^[4-7][0-9A-F]{31}$/.test(serial)));
});

const problem = (certificate?: string, key?: string) => {
  const read = readPair(certificate, key);
  return read.kind === 'sound' ? 'none' : read.problem;
};

test('a pair is read only when the key is the one of the certificate', (t) => {
  const { issuer } = anAuthority();
  const one = issueServing(names, period, issuer);
  const other = issueServing(names, period, issuer);
  t.is(problem(one.certificate, one.key), 'none');
  t.is(problem(one.certificate, other.key), 'ServingKeyUnfit');
  t.is(problem(one.certificate, 'no key'), 'ServingKeyUnfit');
  t.is(problem('no certificate', one.key), 'ServingUnreadable');
  t.is(problem(one.certificate.replace('MII', 'MIX'), one.key), 'ServingUnreadable');
  t.is(problem(one.certificate), 'ServingMissing');
  t.is(problem(undefined, one.key), 'ServingMissing');
});
