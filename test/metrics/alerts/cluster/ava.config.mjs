import { bundle } from '../../../cluster/webhook/bundle.ts';

// AVA asks for the default export.
// oxlint-disable-next-line import/no-default-export
export default {
  extensions: ['ts'],
  files: ['test/metrics/alerts/cluster/**/*.test.ts'],
  require: ['./test/as-written.ts'],
  environmentVariables: { RETROFIT_BUNDLE: bundle() },
  timeout: '5m',
};
