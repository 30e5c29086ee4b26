import { availableParallelism } from 'node:os';
import { bundle } from '../../cluster/webhook/bundle.ts';

// AVA asks for the default export.
// oxlint-disable-next-line import/no-default-export
export default {
  extensions: ['ts'],
  files: ['test/docs/cluster/**/*.test.ts'],
  require: ['./test/as-written.ts'],
  concurrency: availableParallelism(),
  environmentVariables: { RETROFIT_BUNDLE: bundle() },
  timeout: '5m',
};
