// AVA asks for the default export; a JVM with its agent on a loaded machine may take a minute.
// oxlint-disable-next-line import/no-default-export
export default {
  extensions: ['ts'],
  files: ['test/agents/suites/*.test.ts'],
  concurrency: 1,
  timeout: '5m',
};
