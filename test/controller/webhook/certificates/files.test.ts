import { mkdtempSync, renameSync, rmSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { CertificateFact } from '../../../../domain/facts.ts';
import { fromFiles } from '../../../../controller/webhook/certificates/files.ts';
import type { Pair } from '../../../../controller/webhook/certificates/pair.ts';
import { aPair, eventually, TestTime, type TestPair } from '../support.ts';

function scene(t: ExecutionContext) {
  const directory = mkdtempSync(join(tmpdir(), 'retrofit-files-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const time = new TestTime(Date.now());
  const facts: CertificateFact[] = [];
  const shown: Pair[] = [];
  const certificates = fromFiles({
    directory,
    time,
    record: (fact) => facts.push(fact),
    show: (pair) => shown.push(pair),
  });
  let version = 0;
  /** As a kubelet does: everything changes at once, by one rename of a symbolic link. */
  const mount = (pair: Pick<TestPair, 'certificate' | 'key'> & Partial<TestPair>) => {
    const folder = `..${(version += 1)}`;
    mkdirSync(join(directory, folder));
    writeFileSync(join(directory, folder, 'tls.crt'), pair.certificate);
    writeFileSync(join(directory, folder, 'tls.key'), pair.key);
    writeFileSync(join(directory, folder, 'ca.crt'), pair.authority ?? '');
    symlinkSync(folder, join(directory, '..next'));
    renameSync(join(directory, '..next'), join(directory, '..data'));
    if (version > 1) return;
    for (const name of ['tls.crt', 'tls.key', 'ca.crt'])
      symlinkSync(join('..data', name), join(directory, name));
  };
  return { directory, time, facts, shown, certificates, mount };
}

const typesOf = (facts: readonly CertificateFact[]) => facts.map(({ type }) => type);

test('a pair in files is shown, and its successor as soon as it is seen', async (t) => {
  const { certificates, shown, facts, mount } = scene(t);
  const [first, second] = [aPair(), aPair()];
  mount(first);
  t.is(await certificates.look(), 'settled');
  await certificates.look();
  t.deepEqual(
    shown.map(({ certificate }) => certificate),
    [first.certificate],
  );
  mount(second);
  await certificates.look();
  t.deepEqual(
    shown.map(({ certificate }) => certificate),
    [first.certificate, second.certificate],
  );
  t.deepEqual(typesOf(facts), ['CertificateLoaded', 'CertificateLoaded']);
  t.is(certificates.expiries().serving, second.expiresAt);
  t.is(certificates.expiries().authority, second.expiresAt);
});

test('a pair that comes later than the webhook is waited for', async (t) => {
  const { certificates, shown, facts, mount } = scene(t);
  t.is(await certificates.look(), 'unsettled');
  t.is(await certificates.look(), 'unsettled');
  t.deepEqual(facts, [{ type: 'CertificateUnsound', source: 'files', problem: 'ServingMissing' }]);
  mount(aPair());
  t.is(await certificates.look(), 'settled');
  t.is(shown.length, 1);
});

test('half of a renewal is not shown, and reported only if it stays', async (t) => {
  const { certificates, shown, facts, mount } = scene(t);
  const [first, second] = [aPair(), aPair()];
  mount(first);
  await certificates.look();
  mount({ ...second, key: first.key });
  t.is(await certificates.look(), 'unsettled');
  t.deepEqual(typesOf(facts), ['CertificateLoaded']);
  await certificates.look();
  await certificates.look();
  t.deepEqual(facts.slice(1), [
    { type: 'CertificateUnsound', source: 'files', problem: 'ServingKeyUnfit' },
  ]);
  t.is(shown.length, 1);
  mount(second);
  t.is(await certificates.look(), 'settled');
  t.is(shown.at(-1)?.certificate, second.certificate);
});

test('a pair that has expired is never shown, and reported when it was', async (t) => {
  const { certificates, shown, facts, mount, time } = scene(t);
  const now = time.wall();
  mount(aPair(['localhost'], now - 2_000, now - 1_000));
  await certificates.look();
  t.deepEqual(shown, []);
  mount(aPair(['localhost'], now - 2_000, now + 60_000));
  await certificates.look();
  t.is(shown.length, 1);
  time.pass(61_000);
  t.is(await certificates.look(), 'unsettled');
  await certificates.look();
  t.is(typesOf(facts).filter((type) => type === 'CertificateExpired').length, 1);
  t.is(typesOf(facts).filter((type) => type === 'CertificateUnsound').length, 1);
  mount(aPair());
  t.is(await certificates.look(), 'settled');
});

test('the files are looked at every ten seconds, sooner while they are unsound', async (t) => {
  const { certificates, shown, mount, time } = scene(t);
  const ending = new AbortController();
  const over = certificates.run(ending.signal);
  await eventually('it rests', () => time.sleepers === 1);
  mount(aPair());
  time.pass(1_000);
  await eventually('the pair is shown', () => shown.length === 1 && time.sleepers === 1);
  mount(aPair());
  time.pass(9_999);
  t.is(shown.length, 1);
  time.pass(1);
  await eventually('the next pair is shown', () => shown.length === 2);
  ending.abort();
  await over;
});
