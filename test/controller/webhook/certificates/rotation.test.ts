import { Agent } from 'node:https';
import test from 'ava';
import type { Fact } from '../../../../domain/facts.ts';
import { selfManaged } from '../../../../controller/webhook/certificates/certificates.ts';
import { lives } from '../../../../controller/webhook/certificates/renewal.ts';
import { aPod, asking } from '../../../support/build.ts';
import { aReview, bytesOf, post, running, TestTime } from '../support.ts';
import { instrumentations, pods, TestCluster } from './cluster.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

test('certificates and their authority change under load without one failed request', async (t) => {
  // Seen from the real now, by which connections are verified, the authority was due half a day ago.
  const time = new TestTime(Date.now() - (lives.authorityMs * 2) / 3 - day / 2);
  const cluster = new TestCluster();
  const { server, port } = await running(t);
  const facts: Fact[] = [];
  const certificates = selfManaged({
    secret: cluster.secret,
    configurations: cluster.store,
    targets: [pods, instrumentations],
    names: ['localhost'],
    time,
    record: (fact) => facts.push(fact),
    show: (pair) => server.show(pair),
  });
  await certificates.look();
  for (const left of [61 * day, day]) {
    time.pass(Date.now() - left - time.wall());
    t.is(await certificates.look(), 'settled');
  }

  const standing = new Agent({ keepAlive: true, maxSockets: 2 });
  t.teardown(() => standing.destroy());
  const body = bytesOf(aReview(aPod({ annotations: asking('java') })));
  const shown = new Set<number>();
  let requests = 0;
  /** As an API server does: it trusts what the configuration holds when it opens a connection. */
  const ask = async (agent: Agent | false) => {
    const { status } = await post({ port, ca: cluster.bundle(pods), body, agent });
    requests += 1;
    if (status !== 200) throw new Error(`status ${status}`);
  };
  await ask(standing);
  for (; time.wall() < Date.now(); time.pass(15 * minute)) {
    await Promise.all([ask(false), certificates.look(), ask(standing), ask(false), ask(standing)]);
    await ask(false);
    shown.add(certificates.expiries().serving ?? 0);
  }
  t.log(`${requests} requests`);
  t.deepEqual(
    facts.flatMap((fact) =>
      fact.type === 'CertificateIssued' ? [`${fact.certificate} ${fact.because}`] : [],
    ),
    [
      'authority Absent',
      'serving Absent',
      'serving RenewalDue',
      'serving RenewalDue',
      'authority RenewalDue',
      'serving AuthorityRenewed',
    ],
  );
  t.is(shown.size, 2);
});
