import test from 'ava';
import { assumptionsOf } from '../../../cli/look/assess.ts';
import { readSettings, type Settings } from '../../../config/settings.ts';
import { budgetOf, rulesOf } from '../../../controller/loop/allowance.ts';

function settingsOf(...args: readonly string[]): Settings {
  const reading = readSettings(args, {}, undefined);
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  return reading.settings;
}

test('what Kubernetes runs on is protected whatever is set, and so is what is set', (t) => {
  const { protectedNamespaces } = rulesOf(settingsOf('--protected-namespaces', 'bank'), {});
  t.deepEqual([...protectedNamespaces].toSorted(), [
    'bank',
    'kube-node-lease',
    'kube-public',
    'kube-system',
  ]);
});

test('what our own namespace says is heard', (t) => {
  const said = { 'otel-retrofit.dev/remediation': 'off' };
  t.deepEqual(rulesOf(settingsOf('--namespace', 'ours'), said).home, {
    name: 'ours',
    annotations: said,
  });
});

test('an owner is left alone as long as it is set', (t) => {
  t.is(budgetOf(settingsOf()).quietSeconds, 120);
  t.is(budgetOf(settingsOf('--owner-quiet-seconds', '300')).quietSeconds, 300);
});

test('whoever asks the command is answered by the rules of the controller', (t) => {
  const settings = settingsOf('--restart-outdated', 'true', '--protected-namespaces', 'bank');
  const { rules, budget } = assumptionsOf(settings, 0);
  t.true(rules.restartsOutdated);
  t.deepEqual(rules, rulesOf(settings, {}));
  t.deepEqual(budget, budgetOf(settings));
});
