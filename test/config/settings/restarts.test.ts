import test from 'ava';
import { restartRows } from '../../../config/settings/restarts.ts';

/** What no setting can lift, so that a slip of the pen cannot restart a cluster at once. */
const ceilings = {
  restartsAtOnce: 50,
  restartsAtOncePerNamespace: 20,
  statefulRestartsAtOnce: 10,
  restartsPerHour: 600,
  attemptsPerDay: 4,
  attemptsPerWeek: 4,
} as const;

for (const [name, most] of Object.entries(ceilings)) {
  test(`${name} is at most ${most}`, (t) => {
    const { parser } = restartRows[name as keyof typeof ceilings];
    t.is(parser.parse(String(most)), most);
    t.is(parser.parse(String(most + 1)), undefined);
    t.is(parser.parse('0'), undefined);
  });
}

test('nobody is restarted more often than four times in seven days', (t) => {
  t.is(restartRows.attemptsPerWeek.default, 4);
  t.is(restartRows.attemptsPerDay.default, 2);
});

test('a probe comes several times within the time that its proof holds', (t) => {
  t.is(restartRows.proofIntervalSeconds.parser.parse('61'), undefined);
});
