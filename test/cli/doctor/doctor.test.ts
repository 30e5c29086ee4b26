import test from 'ava';
import { checks } from '../../../domain/diagnose/checks.ts';
import { diagnose } from '../../../cli/doctor/doctor.ts';
import { consult } from '../../../cli/doctor/show.ts';
import { readCommand } from '../../../cli/program.ts';
import { dumpOf, noon, type Scene } from './cluster.ts';
import { broken, healthy } from './situations.ts';

const contextOf = (scene: Scene) => ({
  version: '0',
  environment: {},
  stdin: () => Promise.resolve(Buffer.from(dumpOf(scene))),
  now: () => noon,
});

function asked(words: readonly string[]) {
  const outlets = { out: () => undefined, error: () => undefined };
  const command = readCommand(['doctor', ...words], '0', outlets);
  if (command.kind !== 'doctor') throw new Error(command.kind);
  return command;
}

const plain = (_look: unknown, text: string) => text;

async function said(scene: Scene, words: readonly string[] = []) {
  const answered = await consult(asked([...words, '-f', '-']), contextOf(scene), plain);
  if (answered.kind !== 'examined') throw new Error(JSON.stringify(answered));
  return answered;
}

async function foundIn(scene: Scene) {
  const diagnosis = await diagnose(asked(['-f', '-']).options, contextOf(scene));
  if (diagnosis.kind !== 'diagnosed') throw new Error(JSON.stringify(diagnosis));
  return diagnosis.findings;
}

for (const { title, first, scene, tells } of broken) {
  test(`${title}: ${first} is named first`, async (t) => {
    const findings = await foundIn(scene);
    t.is(
      findings[0]?.check,
      first,
      findings.map(({ check, detail }) => `${check} ${detail}`).join('; '),
    );
    if (tells !== undefined)
      t.true((await said(scene)).text.includes(tells), (await said(scene)).text);
  });
}

for (const { title, scene } of healthy) {
  test(`${title}: nothing is wrong`, async (t) => {
    const { text, isWell } = await said(scene);
    t.true(text.startsWith('Nothing is wrong'), text);
    t.true(isWell);
  });
}

test('every check is named first in some situation, but for those that only a live cluster shows', (t) => {
  const shown = new Set<string>(broken.map(({ first }) => first));
  const live = ['AuthorityOfAnother', 'CertificateExpired', 'NotLookedAt', 'RightsMissing'];
  t.deepEqual(
    Object.keys(checks).filter((key) => !shown.has(key)),
    live.toSorted(
      (one, other) => Object.keys(checks).indexOf(one) - Object.keys(checks).indexOf(other),
    ),
  );
});
