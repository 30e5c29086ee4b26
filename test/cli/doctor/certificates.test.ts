import test from 'ava';
import { authorityIn } from '../../../cli/doctor/certificates.ts';
import { createAuthority } from '../../../sandbox/certificates.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const now = new Date('2026-11-21T12:00:00Z');
const authority = createAuthority(now);
const serving = authority.issue({ name: 'webhook', addresses: ['127.0.0.1'] });

const secret = { data: { 'tls.crt': base64(serving.certificate) } };
const trusting = (certificate: string) => [
  {
    webhooks: [{ name: 'pods.otel-retrofit.dev', clientConfig: { caBundle: base64(certificate) } }],
  },
];

test('the authority in the configuration vouches for the certificate that it has signed', (t) => {
  t.true(authorityIn(secret, trusting(authority.certificate))?.isTrusted);
});

test('an authority of another making does not', (t) => {
  const other = createAuthority(now);
  t.false(authorityIn(secret, trusting(other.certificate))?.isTrusted);
});

test('the times of the certificate are told', (t) => {
  const found = authorityIn(secret, []);
  t.true((found?.validFrom ?? Infinity) <= now.getTime() / 1_000);
  t.true((found?.expiresAt ?? 0) > now.getTime() / 1_000);
});

test('without a certificate, or with one that cannot be read, nothing is said', (t) => {
  t.is(authorityIn(undefined, []), undefined);
  t.is(authorityIn({ data: { 'tls.crt': base64('nonsense') } }, []), undefined);
});
