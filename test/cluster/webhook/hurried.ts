import type { Settings } from './program.ts';

/** What takes minutes by default, and as many at once as one machine can watch. */
export const hurried: Settings = {
  'settle-missing-seconds': 1,
  'settle-outdated-seconds': 2,
  'owner-quiet-seconds': 1,
  'warm-up-seconds': 0,
  'soak-seconds': 2,
  'prove-seconds': 3,
  'proof-interval-seconds': 2,
  'restarts-at-once': 50,
  'restarts-at-once-per-namespace': 20,
  'stateful-restarts-at-once': 10,
  'restarts-per-hour': 600,
};
