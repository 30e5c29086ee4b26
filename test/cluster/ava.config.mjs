import { availableParallelism } from 'node:os';
import { bundle } from './webhook/bundle.ts';

// What takes longest begins first, so that nothing is left to wait for alone in the end. The first
// two mostly wait, and leave the processors to those after them.
const longest = [
  'loop/killed',
  'loop/absence',
  'access/hardship',
  'webhook/today',
  'loop/loop',
  'journeys',
  'webhook/former',
  'accepted/today',
  'access/access',
  'plane/control-plane',
  'conformance',
  'kubectl',
];

const rank = (file) => {
  const found = longest.findIndex((name) => file.endsWith(`suites/${name}.test.ts`));
  return found < 0 ? longest.length : found;
};

// AVA asks for the default export. Clusters spend much of their time waiting, so there are four more
// of them at a time than there are processors.
// oxlint-disable-next-line import/no-default-export
export default {
  extensions: ['ts'],
  files: ['test/cluster/suites/**/*.test.ts'],
  require: ['./test/as-written.ts'],
  sortTestFiles: (one, other) => rank(one) - rank(other),
  concurrency: availableParallelism() + 4,
  environmentVariables: { RETROFIT_BUNDLE: bundle() },
  timeout: '5m',
  workerThreads: false,
};
