import { isBuilt } from './tools.ts';

const suites = 'test/gitops/suites';

// AVA asks for the default export; two clusters at a time, which wait for most of theirs.
// oxlint-disable-next-line import/no-default-export
export default {
  extensions: ['ts'],
  files: [`${suites}/*.test.ts`, ...(isBuilt('flux') ? [] : [`!${suites}/flux*.test.ts`])],
  concurrency: 2,
  timeout: '5m',
};
