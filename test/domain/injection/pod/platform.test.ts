import test from 'ava';
import { runsOnWindows } from '../../../../domain/injection/pod/platform.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import { aReadPod } from '../../../support/build.ts';

const windows = test.macro((t, podSpec: JsonObject, expected: boolean) => {
  t.is(runsOnWindows(aReadPod(podSpec)), expected);
});

test('a pod for Windows says so itself', windows, { os: { name: 'windows' } }, true);
test(
  'a pod for Windows nodes says so by its selector',
  windows,
  { nodeSelector: { 'kubernetes.io/os': 'windows' } },
  true,
);
test(
  'a pod whose containers belong to a Windows host is one',
  windows,
  { securityContext: { windowsOptions: { hostProcess: true } } },
  true,
);
test(
  'so is one of which only the containers say so',
  windows,
  {
    containers: [
      { name: 'a', image: 'a', securityContext: { windowsOptions: { hostProcess: true } } },
    ],
  },
  true,
);
test(
  'a pod for Linux is none',
  windows,
  { os: { name: 'linux' }, nodeSelector: { 'kubernetes.io/os': 'linux' } },
  false,
);
test('a pod that says nothing is none', windows, {}, false);

const nodes = (...terms: readonly JsonObject[]): JsonObject => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms },
    },
  },
});
const among = (...values: readonly string[]): JsonObject => ({
  matchExpressions: [{ key: 'kubernetes.io/os', operator: 'In', values }],
});
const zone = { matchExpressions: [{ key: 'zone', operator: 'Exists' }] };

test(
  'older manifests select their nodes by an older label',
  windows,
  { nodeSelector: { 'beta.kubernetes.io/os': 'windows' } },
  true,
);
test('a pod that must go to Windows nodes is for Windows', windows, nodes(among('windows')), true);
test('one that may go to others as well is not', windows, nodes(among('windows'), zone), false);
test('nor is one that takes either system', windows, nodes(among('linux', 'windows')), false);
test(
  'nor is one that stays away from Windows',
  windows,
  nodes({
    matchExpressions: [{ key: 'kubernetes.io/os', operator: 'NotIn', values: ['windows'] }],
  }),
  false,
);
test(
  'nor is one that would only like to go there',
  windows,
  {
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 1, preference: among('windows') },
        ],
      },
    },
  },
  false,
);
