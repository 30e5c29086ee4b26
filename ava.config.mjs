import { availableParallelism } from 'node:os';

// AVA asks for the default export. Many tests wait for a small cluster, so one more than there are
// processors keeps all of them busy.
// oxlint-disable-next-line import/no-default-export
export default {
  extensions: ['ts'],
  files: ['test/**/*.test.ts', '!test/cluster/**', '!test/gitops/**', '!test/agents/**'],
  require: ['./test/as-written.ts'],
  concurrency: availableParallelism() + 1,
  timeout: '60s',
};
