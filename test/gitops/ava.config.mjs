import { availableParallelism } from 'node:os';
import { isBuilt } from './tools.ts';

const suites = 'test/gitops/suites';

// What takes longest begins first, so that nothing is left to wait for alone in the end.
const longest = [
  'life/today',
  'life/former',
  'helm-live',
  'install',
  'install-former',
  'flux/installed',
  'flux/installed-former',
  'loop-former',
  'operator/today',
  'operator/former',
];

const rank = (file) => {
  const found = longest.findIndex((name) => file.endsWith(`${suites}/${name}.test.ts`));
  return found < 0 ? longest.length : found;
};

// AVA asks for the default export. Clusters spend much of their time waiting, so there are more of
// them at a time than processors.
// oxlint-disable-next-line import/no-default-export
export default {
  extensions: ['ts'],
  files: [`${suites}/**/*.test.ts`, ...(isBuilt('flux') ? [] : [`!${suites}/flux/**`])],
  require: ['./test/as-written.ts'],
  sortTestFiles: (one, other) => rank(one) - rank(other),
  concurrency: availableParallelism() + 1,
  timeout: '5m',
};
