import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { images } from '../../../config/images.ts';
import { digest, run, type Part } from './cache.ts';

/*
 * What the images of the agents hold at `/`, made from the packages that the images are made from,
 * at the versions which the product gives to pods that name none.
 */

const versionOf = (image: string) => image.split(':').at(-1) ?? '';

const nodeVersion = versionOf(images.nodejs);
const entry = "require('@opentelemetry/auto-instrumentations-node/register');\n";

export const nodeAgent: Part = {
  name: `nodejs-${nodeVersion}`,
  needs: 'npm and its registry',
  async fill(folder) {
    const place = join(folder, 'autoinstrumentation');
    await mkdir(place);
    await writeFile(join(place, 'package.json'), '{"private": true}\n');
    const packages = [`auto-instrumentations-node@${nodeVersion}`, 'api@1.9.1'];
    const flags = [
      '--omit=dev',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-package-lock',
    ];
    await run('npm', ['install', ...flags, ...packages.map((name) => `@opentelemetry/${name}`)], {
      in: place,
    });
    await writeFile(join(place, 'autoinstrumentation.js'), entry);
  },
};

const pythonVersion = versionOf(images.python);
const pythonRequirements = join(import.meta.dirname, 'python-agent.txt');

/** Some of its packages are compiled, and fit one minor version of Python. */
export function pythonAgent(python: Python): Part {
  const text = readFileSync(pythonRequirements, 'utf8');
  if (!text.includes(`opentelemetry-distro==${pythonVersion}\n`))
    throw new Error(`python-agent.txt lists another agent than the product's, ${pythonVersion}.`);
  return {
    name: `python-${pythonVersion}-${python.tag}-${digest(text)}`,
    needs: 'Python 3.10 to 3.13 with pip, and its registry',
    fill: (folder) => install(python, pythonRequirements, join(folder, 'autoinstrumentation')),
  };
}

export const install = ({ file }: Python, requirements: string, folder: string) =>
  run(file, ['-m', 'pip', 'install', ...pipFlags, '--target', folder, '-r', requirements]);

const pipFlags = ['--quiet', '--no-compile', '--disable-pip-version-check'];

export interface Python {
  readonly file: string;
  readonly tag: string;
}

/** The program itself: what is in the path may be a script that looks for one. */
export async function findPython(): Promise<Python> {
  const script =
    'import sys, sysconfig; print(sys._base_executable, "cp%d%d" % sys.version_info[:2])';
  const [file = '', tag = ''] = (await run('python3', ['-c', script])).split(' ');
  return { file, tag };
}

const javaVersion = versionOf(images.java);
const coordinates = `io.opentelemetry.javaagent:opentelemetry-javaagent:${javaVersion}`;

export const javaAgent: Part = {
  name: `java-${javaVersion}`,
  needs: 'Maven, a JDK, and their repository',
  async fill(folder) {
    const target = [`-Dartifact=${coordinates}`, `-DoutputDirectory=${folder}`];
    await run('mvn', ['--batch-mode', '--quiet', 'dependency:copy', ...target]);
    const jar = `opentelemetry-javaagent-${javaVersion}.jar`;
    await rename(join(folder, jar), join(folder, 'javaagent.jar'));
  },
};
