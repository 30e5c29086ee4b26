import { availableParallelism } from 'node:os';

// What takes longest begins first, so that nothing is left to wait for alone in the end.
const longest = [
  'access/hardship',
  'loop/killed',
  'webhook/today',
  'webhook/former',
  'prometheus',
  'loop/leaders',
  'guides',
  'loop/webhook-away',
  'journeys',
  'loop/loop',
  'kubectl',
  'plane/control-plane',
  'injection/injection',
];

const rank = (file) => {
  const found = longest.findIndex((name) => file.endsWith(`suites/${name}.test.ts`));
  return found < 0 ? longest.length : found;
};

// AVA asks for the default export. Clusters spend some of their time waiting, so there is one more of
// them at a time than there are processors: more would make each other late.
// oxlint-disable-next-line import/no-default-export
export default {
  extensions: ['ts'],
  files: ['test/cluster/suites/**/*.test.ts'],
  require: ['./test/as-written.ts'],
  sortTestFiles: (one, other) => rank(one) - rank(other),
  concurrency: availableParallelism() + 1,
  timeout: '5m',
};
