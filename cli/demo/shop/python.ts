import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { images as agentImages } from '../../../config/images.ts';
import type { KubeletOptions } from '../../../sandbox/kubelet/kubelet.ts';

type Images = NonNullable<KubeletOptions['images']>;

const run = promisify(execFile);
const cache = join(import.meta.dirname, '../../../node_modules/.cache/otel-retrofit');
const release = agentImages.python.split(':').at(-1) ?? '';

/** What the two folders hold: only the packages that this shop needs of the agent's image. */
const packages = {
  'agent/autoinstrumentation': [
    `opentelemetry-distro==${release}`,
    'opentelemetry-exporter-otlp-proto-http',
    `opentelemetry-instrumentation-flask==${release}`,
  ],
  'shop/app/packages': ['flask==3.1.3'],
};

/**
 * The images of a service in Python and of its agent; none where the machine has no Python that the
 * agent runs on. Packages are fetched once and stay beside those of npm.
 */
export async function pythonImages(signal: AbortSignal): Promise<Images | undefined> {
  const python = await findPython();
  if (python === undefined) return undefined;
  const folder = join(cache, `python-${python.version}-${release}`);
  if (!existsSync(folder)) await fetchPackages(python, folder, signal);
  const app = join(folder, 'shop/app/prices.py');
  await copyFile(join(import.meta.dirname, 'prices.py'), app);
  return {
    [agentImages.python]: { directory: join(folder, 'agent'), command: ['sh'] },
    'shop/prices': { directory: join(folder, 'shop'), command: [python.file, '/app/prices.py'] },
  };
}

interface Python {
  readonly file: string;
  readonly version: string;
}

/** The program itself: what is in the path may be a script that looks for one. */
async function findPython(): Promise<Python | undefined> {
  const script = 'import pip, sys; print(sys._base_executable, "%d.%d" % sys.version_info[:2])';
  try {
    const { stdout } = await run('python3', ['-c', script]);
    const [file = '', version = ''] = stdout.trim().split(' ');
    return supported.test(version) ? { file, version } : undefined;
  } catch {
    return undefined;
  }
}

const supported = /^3\.1[0-3]$/;

async function fetchPackages({ file }: Python, folder: string, signal: AbortSignal) {
  const unfinished = `${folder}-unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  try {
    for (const [place, names] of Object.entries(packages)) {
      const target = join(unfinished, place);
      await mkdir(target, { recursive: true });
      await run(file, ['-m', 'pip', 'install', ...flags, '--target', target, ...names], { signal });
    }
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

const flags = ['--quiet', '--disable-pip-version-check'];
