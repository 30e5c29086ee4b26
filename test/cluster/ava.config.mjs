import { availableParallelism } from 'node:os';
import { bundle } from './webhook/bundle.ts';

// What takes longest begins first, so that nothing is left to wait for alone in the end.
const longest = [
  'access/hardship',
  'prometheus',
  'loop/killed',
  'webhook/today',
  'webhook/former',
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

// AVA asks for the default export. Clusters spend much of their time waiting, so there are two more of
// them at a time than there are processors: more would make each other late.
// oxlint-disable-next-line import/no-default-export
export default {
  extensions: ['ts'],
  files: ['test/cluster/suites/**/*.test.ts'],
  require: ['./test/as-written.ts'],
  sortTestFiles: (one, other) => rank(one) - rank(other),
  concurrency: availableParallelism() + 2,
  environmentVariables: { RETROFIT_BUNDLE: bundle() },
  timeout: '5m',
};
