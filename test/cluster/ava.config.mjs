// AVA asks for the default export; one cluster at a time, and time for a loaded machine.
// oxlint-disable-next-line import/no-default-export
export default {
  extensions: ['ts'],
  files: ['test/cluster/suites/*.test.ts'],
  concurrency: 1,
  timeout: '5m',
};
