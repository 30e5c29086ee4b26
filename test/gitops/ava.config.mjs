import { isBuilt } from './tools.ts';

const suites = 'test/gitops/suites';

// AVA asks for the default export; these programs are large, so one suite at a time.
// oxlint-disable-next-line import/no-default-export
export default {
  extensions: ['ts'],
  files: [`${suites}/*.test.ts`, ...(isBuilt('flux') ? [] : [`!${suites}/flux*.test.ts`])],
  concurrency: 1,
  timeout: '5m',
};
