import { buildReader } from './reader/reader.ts';
import { build, isBuilt, tools, type Tool } from './tools.ts';

/** Flux is large: some eight minutes for a machine that has nothing of it yet. What was compiled is kept. */
const limitMs = 12 * 60_000;

/** Builds what is not there yet, once for all runs that follow, and says what there is in the end. */
for (const tool of Object.keys(tools) as Tool[]) {
  const startedAt = performance.now();
  const { version } = tools[tool];
  try {
    if (!isBuilt(tool)) await build(tool, limitMs);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${tool} ${version} (found or built in ${seconds} s).`);
  } catch (error) {
    // Its suites are left out, see ava.config.mjs; whatever else is missing fails the tests.
    if (tool !== 'flux') throw error;
    console.log(`flux ${version} is not there, and its suites do not run: ${String(error)}`);
  }
}

await buildReader();
console.log('What Go reads images and paths with is there.');
