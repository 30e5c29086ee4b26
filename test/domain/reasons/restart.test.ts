import test from 'ava';
import type { Entry } from '../../../domain/reasons.ts';
import { podReasons } from '../../../domain/reasons.ts';
import { workloadReasons } from '../../../domain/reasons/restart.ts';

const rows = Object.entries<Entry>(workloadReasons);

test('no reason of a workload has the key of one of a pod', (t) => {
  t.deepEqual(
    rows.filter(([key]) => Object.hasOwn(podReasons, key)),
    [],
  );
});

test('no remedy for a workload keeps a placeholder that nobody fills', (t) => {
  const known = /<(?:kind|name|namespace|number|next|labels|language|instrumentation|library)>/g;
  for (const [key, { remedy = '' }] of rows) t.notRegex(remedy.replaceAll(known, ''), /<\w+>/, key);
});

test('whatever is stuck for good says how to go on', (t) => {
  for (const [key, { outcome, remedy = '' }] of rows)
    if (outcome === 'stuck') t.true(remedy.includes('otel-retrofit.dev/resume'), key);
});

test('what may have opened a breaker says how to close it', (t) => {
  for (const key of [
    'RestartFailed',
    'RestartDidNotHelp',
    'RestartReverted',
    'BreakerOpen',
  ] as const)
    t.regex(
      workloadReasons[key].remedy,
      /kubectl annotate instrumentation .*status\.breaker\.since/,
      key,
    );
});

test('nobody is told to annotate or change something without the command for it', (t) => {
  for (const [key, { remedy = '' }] of rows) {
    const outside = remedy.replaceAll(/`[^`]*`/g, '');
    t.notRegex(outside, /kubectl|annotate|resume/, key);
  }
});
