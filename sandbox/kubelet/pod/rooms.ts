import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from './programs.ts';

/** Where a container's files are on this machine. */
export interface Files {
  /** The directory with what its image holds at `/`. */
  readonly image: string;
  /** The directory of each volume, by where it is mounted. */
  readonly mounts: ReadonlyMap<string, string>;
  /** The pod's own directory. */
  readonly home: string;
}

/** Makes a container's files appear where the container looks for them. */
export interface Room {
  /** The same command in this machine's words. */
  enter(command: Command): Command;
  /** The same for a command beside a program that has entered: a probe, a hook. */
  join(command: Command, pid: number): Command;
}

export type Furnish = (files: Files) => Room;

/** Without any privileges: the container's paths are rewritten wherever a word or a variable has one. */
export function rewrittenRoom({ image, mounts, home }: Files): Room {
  mkdirSync(home, { recursive: true });
  const own = readdirSync(image).map((name) => [`/${name}`, join(image, name)] as const);
  const longestFirst = [...own, ...mounts].toSorted(([a], [b]) => b.length - a.length);
  const local = (text: string) =>
    text.replaceAll(absolutePath, (path) => {
      const place = longestFirst.find(([from]) => path === from || path.startsWith(`${from}/`));
      return place === undefined ? path : `${place[1]}${path.slice(place[0].length)}`;
    });
  const enter = ({ words, directory, variables }: Command): Command => ({
    words: words.map(local),
    directory: directory === '/' ? image : local(directory),
    variables: {
      HOME: home,
      ...Object.fromEntries(Object.entries(variables).map(([name, text]) => [name, local(text)])),
    },
  });
  return { enter, join: enter };
}

/** A path begins where a word does, or what a word is made of; a URL with a host has none of ours. */
const absolutePath = /(?<=^|[\s=:,;'"(@]|file:\/\/)\/(?!\/)[^\s:,;'")]*/g;

/**
 * With private mounts and process numbers, as a container has them: this machine's files, read from
 * under a layer that is thrown away, and on top the image's and the volumes'. Nothing is rewritten.
 */
export function privateRoom({ image, mounts, home }: Files): Room {
  const top = join(home, 'layers');
  mkdirSync(top, { recursive: true });
  const node = join(process.execPath, '..');
  const places = [
    [node, node],
    ...readdirSync(image).map((name) => [`${top}/image/${name}`, `/${name}`]),
    ...[...mounts].toSorted(([a], [b]) => a.length - b.length).map(([at, from]) => [from, at]),
  ].flat();
  const outside = { directory: '/', variables: { PATH: systemPath } };
  return {
    enter: (command) => ({
      ...outside,
      words: [...unshare, layers, top, image, ...places, '--', ...inside(command)],
    }),
    join: (command, pid) => ({
      ...outside,
      words: ['sh', '-c', door, String(pid), 'sh', '-c', beside, top, ...inside(command)],
    }),
  };
}

/** The container's own program, with its variables and no others. */
function inside({ words, directory, variables }: Command): readonly string[] {
  const given = Object.entries({ HOME: '/root', ...variables });
  return ['env', '-i', `-C${directory}`, ...given.map((pair) => pair.join('=')), ...words];
}

export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const unshare = ['unshare', '--mount', '--pid', '--fork', '--kill-child', 'sh', '-ec'];

/** `$0` is where the layers go, `$1` the image, then pairs of a place and where it is to be, `--`, the command. */
const layers = `
mount -t tmpfs tmpfs "$0"
lay() {
  mkdir -p "$0/$2.new" "$0/$2.work" "$0/$2"
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$0/$2.new,workdir=$0/$2.work" "$0/$2"
}
lay / root
lay "$1" image
shift
mount -t proc proc "$0/root/proc"
mount --rbind /dev "$0/root/dev"
while [ "$1" != -- ]; do
  from=$1 to=$0/root$2
  shift 2
  if [ -d "$from" ]; then mkdir -p "$to"; else mkdir -p "\${to%/*}"; touch "$to"; fi
  mount --bind "$from" "$to"
done
shift
touch "$0/ready"
exec chroot "$0/root" "$@"
`;

/**
 * `$0` is the number of the program that enters. Before it has, its places are those of this machine:
 * who entered those would wait there for ever. The second is there once the first child is.
 */
const door = `
own=$(readlink /proc/self/ns/mnt)
until [ -e "/proc/$0/ns/pid_for_children" ] && [ "$(readlink "/proc/$0/ns/mnt")" != "$own" ]; do
  [ -d "/proc/$0" ] || exit 1
  sleep 0.02
done
exec nsenter "--mount=/proc/$0/ns/mnt" "--pid=/proc/$0/ns/pid_for_children" "$@"
`;

/** Who is in before the layers are laid waits for them. */
const beside = `
until [ -e "$0/ready" ]; do sleep 0.02; done
exec chroot "$0/root" "$@"
`;

/** The best rooms that this machine lets us have: private ones take root, and a kernel with overlays. */
export function bestRooms(directory: string): Furnish {
  const room = privateRoom({ image: directory, mounts: new Map(), home: directory });
  const command = { words: ['true'], directory: '/', variables: { PATH: systemPath } };
  const [file = '', ...words] = room.enter(command).words;
  const { status } = spawnSync(file, words, { env: { PATH: systemPath } });
  return status === 0 ? privateRoom : rewrittenRoom;
}
