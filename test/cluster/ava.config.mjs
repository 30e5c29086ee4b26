// AVA asks for the default export; two clusters at a time, and time for a loaded machine.
// oxlint-disable-next-line import/no-default-export
export default {
  extensions: ['ts'],
  files: ['test/cluster/suites/**/*.test.ts'],
  require: ['./test/as-written.ts'],
  concurrency: 2,
  timeout: '5m',
};
