import test from 'ava';
import {
  aMarker,
  anOtherMarker,
  day,
  hour,
  judged,
  minute,
  noon,
  restarted,
  type Scene,
} from '../../../support/restart.ts';
import { bare, says, stamped } from './says.ts';

const didNotHelp = (age: number, scene: Scene = {}) => restarted(age, [{}, {}], scene);

test(
  'whose restart by us did not help is stuck',
  says,
  didNotHelp(5 * minute),
  'stuck RestartDidNotHelp (WebhookMissed)',
);
test('gets one more try after half an hour', says, didNotHelp(31 * minute), `behind ${bare}`);

/** Two restarts in a row, neither of which helped. */
const twice = (scene: Scene = {}): Scene => {
  const marker = aMarker(2, 2 * hour, 3 * hour);
  return {
    marker,
    revisions: [
      { number: 3, age: 2 * hour, marker },
      { number: 2, age: 3 * hour, marker: aMarker(1, 3 * hour) },
      { number: 1, age: 9 * day },
    ],
    pods: [{ age: 2 * hour - 3 }],
    ...scene,
  };
};

test(
  'that two restarts in a row did not help is stuck for good',
  says,
  twice(),
  `stuck RestartDidNotHelp (${bare})`,
);
test(
  'that is stuck goes on when it is resumed',
  says,
  twice({ annotations: { 'otel-retrofit.dev/resume': '2' } }),
  `behind ${bare}`,
);
test(
  'that is stuck goes on with new settings',
  says,
  twice({
    instrumentation: { spec: { exporter: { endpoint: 'http://new:4318' } } },
    annotations: {},
    marker: aMarker(2, 2 * hour, 2 * day),
    revisions: [
      { number: 3, age: 2 * hour, marker: aMarker(2, 2 * hour, 2 * day) },
      { number: 2, age: 2 * day, marker: aMarker(1, 2 * day) },
    ],
  }),
  `behind ${bare}`,
);
test(
  'whose owner deployed between two restarts has had one try for its template',
  says,
  {
    image: 'cart:2',
    marker: aMarker(2, 2 * hour, 2 * day),
    revisions: [
      { number: 4, age: 2 * hour, marker: aMarker(2, 2 * hour, 2 * day) },
      { number: 3, age: day, marker: aMarker(1, 2 * day) },
      { number: 2, age: 2 * day, marker: aMarker(1, 2 * day), image: 'cart:1' },
    ],
    pods: [{ age: 2 * hour - 3 }],
  },
  `behind ${bare}`,
);

const reverted = (scene: Scene = {}): Scene => ({
  revisions: [
    { number: 3, age: day },
    { number: 2, age: 5 * minute, marker: aMarker(1, 5 * minute) },
  ],
  pods: [{ age: 4 * minute }],
  ...scene,
});

test(
  'whose restart by us was undone is stuck',
  says,
  reverted(),
  'stuck RestartReverted (WebhookMissed)',
);
test(
  'whose restart by us was undone and whose pods have it all the same is current',
  says,
  reverted({ pods: [stamped] }),
  'current',
);
test(
  'that went back and was resumed goes on',
  says,
  reverted({ annotations: { 'otel-retrofit.dev/resume': '1' } }),
  'behind WebhookMissed',
);

const digest = judged().workload.digest;
const { wanted } = judged();
const asked = wanted.kind === 'nothing' ? '' : wanted.stamp.asked;

test(
  'whose restart was rejected is stuck',
  says,
  { memory: { rejected: { template: digest, asked, at: noon } } },
  `stuck RestartRejected (${bare})`,
);
test(
  'whose restart was rejected is tried again when it has changed',
  says,
  { memory: { rejected: { template: 'before', asked, at: noon } } },
  `behind ${bare}`,
);
test(
  'whose restart was rejected is tried again for new settings',
  says,
  { memory: { rejected: { template: digest, asked: 'before', at: noon } } },
  `behind ${bare}`,
);
test(
  'whose restart was rejected is tried again when it is resumed',
  says,
  {
    memory: { rejected: { template: digest, asked, at: noon } },
    annotations: { 'otel-retrofit.dev/resume': '1' },
  },
  `behind ${bare}`,
);

/** Long after the last of our restarts, with an owner's deploy since. */
const after = (times: readonly number[], scene: Scene = {}): Scene => {
  const marker = aMarker(times.length, ...times);
  return {
    image: 'cart:2',
    marker,
    revisions: [
      { number: 7, age: hour, marker },
      { number: 6, age: times[0] ?? 0, marker, image: 'cart:1' },
    ],
    pods: [{ age: 5 * minute }],
    ...scene,
  };
};

test(
  'that we restarted twice within a day has spent its attempts',
  says,
  after([2 * hour, 20 * hour]),
  'stuck AttemptsSpent (WebhookMissed)',
);
test(
  'that we restarted once today may be restarted again',
  says,
  after([2 * hour, 25 * hour]),
  'behind WebhookMissed',
);
test(
  'that we restarted four times within a week has spent its attempts',
  says,
  after([2, 3, 4, 6].map((days) => days * day)),
  'stuck AttemptsSpent (WebhookMissed)',
);
test(
  'has its attempts back with time',
  says,
  after([2, 3, 4, 8].map((days) => days * day)),
  'behind WebhookMissed',
);
test(
  'that has spent its attempts goes on when it is resumed',
  says,
  after([2 * hour, 20 * hour], { annotations: { 'otel-retrofit.dev/resume': '2' } }),
  'behind WebhookMissed',
);
test(
  'resumed to an earlier restart counts the later ones',
  says,
  after([2 * hour, 20 * hour], { annotations: { 'otel-retrofit.dev/resume': '1' } }),
  'behind WebhookMissed',
);
test(
  'does not get its attempts back by a clock that is ahead',
  says,
  after([-4 * minute, -3 * minute]),
  'stuck AttemptsSpent (WebhookMissed)',
);
test(
  'whose marker is gone counts what its revisions tell',
  says,
  {
    image: 'cart:3',
    revisions: [
      { number: 9, age: 3 * day, image: 'cart:3' },
      { number: 8, age: hour, marker: aMarker(2, hour), image: 'cart:2' },
      { number: 7, age: 2 * hour, marker: anOtherMarker(1, 2 * hour), image: 'cart:1' },
    ],
  },
  `stuck AttemptsSpent (${bare})`,
);

const remembered = [
  { number: 2, at: noon - 2 * hour },
  { number: 1, at: noon - 20 * hour },
];
const forgetful: Scene = {
  revisions: [{ number: 9, age: hour }],
  memory: { restarts: remembered },
};

test(
  'whose owner has erased every trace of our restarts has spent its attempts all the same',
  says,
  forgetful,
  `stuck AttemptsSpent (${bare})`,
);
test(
  'whose restarts only we remember goes on when it is resumed',
  says,
  { ...forgetful, annotations: { 'otel-retrofit.dev/resume': '2' } },
  `behind ${bare}`,
);
test('the next restart has a number that was never given, though its owner has erased it', (t) => {
  const { attempt } = judged(forgetful);
  t.is(attempt.kind, 'none');
  t.is(attempt.lastNumber, 2);
  t.deepEqual(
    attempt.times,
    remembered.map(({ at }) => at),
  );
});
