import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Container } from '../../domain/injection/pod/shape.ts';
import { wordsOf } from './build.ts';

/** A directory in which the absolute paths of containers lie, so that their commands can really run. */
export interface Root {
  readonly write: (path: string, text: string) => void;
  readonly remove: (path: string) => void;
  /** The file's text, with paths as the container would see them. */
  readonly read: (path: string) => string;
  /** Runs a container's command in it; throws when the command fails. */
  readonly run: (container: Container, env?: Readonly<Record<string, string>>) => void;
}

export function aRoot(t: ExecutionContext): Root {
  const root = mkdtempSync(join(tmpdir(), 'retrofit-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  const inside = (text: string) =>
    text.replaceAll(/(?<![\w/.])\/(?=opt\/|etc\/|usr\/local\/)/g, `${root}/`);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode: 0o755 });
  };
  return {
    write,
    remove: (path) => rmSync(join(root, path), { recursive: true }),
    read: (path) => readFileSync(join(root, path), 'utf8').replaceAll(root, ''),
    run: (container, env = {}) => {
      const words = [...wordsOf(container, 'command'), ...wordsOf(container, 'args')];
      const [program = '', ...args] = words.map(inside);
      const path = `${join(root, 'bin')}:/usr/bin:/bin`;
      execFileSync(program, args, { env: { ...env, PATH: path }, cwd: root, stdio: 'pipe' });
    },
  };
}
