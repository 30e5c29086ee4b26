import { availableParallelism } from 'node:os';

// What takes longest begins first, so that nothing is left to wait for alone in the end. What mostly
// waits for programs of its own comes before what mostly computes, and lets it have the processors.
const longest = [
  'journeys/loop',
  'journeys/demo/demo',
  'injection/invariants',
  'domain/restart/simulation/random',
  'journeys/demo/abroad',
  'domain/restart/simulation/harm',
  'journeys/sandbox',
  'domain/restart/simulation/flips',
  'sandbox/server',
  'model/model',
  'package',
  'sandbox/product',
  'controller/kube/faults',
  'metrics/alerts/rules',
  'cli/main',
  'docs/guides',
  'conformance/sandbox',
  'cli/rewrite/rewrite',
  'cli/inject',
];

const rank = (file) => {
  const found = longest.findIndex((name) => file.endsWith(`test/${name}.test.ts`));
  return found < 0 ? longest.length : found;
};

// AVA asks for the default export. The two that begin first mostly wait, for a small cluster and for
// its pods, so two more than there are processors keep all of them busy.
// oxlint-disable-next-line import/no-default-export
export default {
  extensions: ['ts'],
  files: [
    'test/**/*.test.ts',
    '!test/cluster/**',
    '!test/docs/cluster/**',
    '!test/metrics/alerts/cluster/**',
    '!test/gitops/**',
    '!test/agents/**',
  ],
  require: ['./test/as-written.ts'],
  sortTestFiles: (one, other) => rank(one) - rank(other),
  concurrency: availableParallelism() + 2,
  timeout: '5m',
};
