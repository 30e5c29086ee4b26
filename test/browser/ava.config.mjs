// AVA asks for the default export. One browser serves all tests, one after the other.
// oxlint-disable-next-line import/no-default-export
export default {
  extensions: ['ts'],
  files: ['test/browser/*.browser.ts'],
  concurrency: 1,
  serial: true,
  timeout: '5m',
};
