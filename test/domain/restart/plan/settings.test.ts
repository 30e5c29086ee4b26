import test from 'ava';
import { readSettings, settingsDigest } from '../../../../domain/restart/plan/settings.ts';
import { writeTime } from '../../../../domain/status/told.ts';
import { days, hours, now, observed, settledFor } from './build.ts';

test('the status tells since when the settings are as they are, and which changes were followed', (t) => {
  const read = readSettings(settledFor(hours(2), { followedAgo: [days(2), hours(2)] }));
  t.is(read.since, now - hours(2));
  t.deepEqual(read.followed, [now - days(2), now - hours(2)]);
});

test('what it tells of other settings says nothing of these, but what was followed stays', (t) => {
  const told = { digest: 'of others', since: writeTime(now), followed: [writeTime(now - 5)] };
  const read = readSettings(observed({ status: { settings: told } }));
  t.is(read.since, undefined);
  t.deepEqual(read.followed, [now - 5]);
});

test('a status that somebody else wrote is as good as none', (t) => {
  for (const settings of [
    'text',
    { followed: 'text' },
    { followed: [7, 'never'], since: 'then' },
  ]) {
    const read = readSettings(observed({ status: { settings } }));
    t.is(read.since, undefined);
    t.deepEqual(read.followed, []);
  }
});

test('its name and its labels are none of its settings', (t) => {
  const digest = settingsDigest(observed());
  t.is(settingsDigest(observed({ name: 'other', generation: 9 })), digest);
  t.not(settingsDigest(observed({ spec: {} })), digest);
});
