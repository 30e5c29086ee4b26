import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { portOf, withPorts } from '../../../sandbox/kubelet/pod/ports.ts';
import { openKeeper } from '../../../sandbox/kubelet/pod/programs.ts';
import {
  bestRooms,
  privateRoom,
  rewrittenRoom,
  systemPath,
  type Room,
} from '../../../sandbox/kubelet/pod/rooms.ts';
import { until } from '../../cluster/until.ts';

const directory = mkdtempSync(join(tmpdir(), 'rooms-'));
mkdirSync(join(directory, 'image/app'), { recursive: true });
test.after.always(() => rmSync(directory, { recursive: true }));

const room = rewrittenRoom({
  image: join(directory, 'image'),
  home: join(directory, 'home'),
  mounts: new Map([
    ['/otel', '/v/agent'],
    ['/otel/own', '/v/own'],
    ['/etc/file', '/v/config/key'],
  ]),
});

const local = test.macro({
  exec(t, text: string, expected: string) {
    const { words, variables } = room.enter({
      words: [text],
      directory: '/',
      variables: { NAME: text },
    });
    t.deepEqual([words[0], variables['NAME']], [expected, expected]);
  },
  title: (_, text: string, expected: string) => `without a private room, ${text} is ${expected}`,
});

test(local, '/otel', '/v/agent');
test(local, '/otel/x.js', '/v/agent/x.js');
test(local, '/otel/own/x.js', '/v/own/x.js');
test(local, '/otel-other/x.js', '/otel-other/x.js');
test(local, '--require /otel/x.js', '--require /v/agent/x.js');
test(local, '--require=/otel/x.js', '--require=/v/agent/x.js');
test(local, '-javaagent:/otel/a.jar', '-javaagent:/v/agent/a.jar');
test(local, '/otel/a:/otel/own:$PATH', '/v/agent/a:/v/own:$PATH');
test(local, 'file:///otel/x.mjs', 'file:///v/agent/x.mjs');
test(local, 'http://host/otel/x', 'http://host/otel/x');
test(local, 'some/otel/x', 'some/otel/x');
test(local, '/etc/file', '/v/config/key');
test(local, 'cat "/otel/x"', 'cat "/v/agent/x"');
test(local, '/usr/bin/env', '/usr/bin/env');

test('without a private room, a program of the image is where the image is', (t) => {
  const { words, directory: at } = room.enter({
    words: ['/app/main.js'],
    directory: '/',
    variables: {},
  });
  t.deepEqual(words, [join(directory, 'image/app/main.js')]);
  t.is(at, join(directory, 'image'));
});

const ports = new Map([[8080, 20_001]]);
const listening = test.macro({
  exec: (t, text: string, expected: string) => t.is(withPorts(text, ports), expected),
  title: (_, text: string, expected: string) =>
    `a container that is told ${text} listens at ${expected}`,
});

test(listening, '8080', '20001');
test(listening, '--port=8080', '--port=20001');
test(listening, '0.0.0.0:8080', '0.0.0.0:20001');

test('a port of somebody else stays', (t) => {
  t.is(withPorts('http://other:8080', ports), 'http://other:8080');
  t.is(withPorts('18080', ports), '18080');
});

test('a probe asks the port that the container was really given', (t) => {
  const container = { name: 'app', ports: [{ name: 'http', containerPort: 8080 }] };
  t.is(portOf(ports, container, 'http'), 20_001);
  t.is(portOf(ports, container, 8080), 20_001);
  t.is(portOf(ports, container, 9090), 9090);
});

const place = mkdtempSync(join(tmpdir(), 'rooms-'));
for (const name of ['image/app', 'state', 'home'])
  mkdirSync(join(place, name), { recursive: true });
writeFileSync(join(place, 'image/app/text'), 'found\n');
const keeper = openKeeper(place);
test.after.always(() => keeper.end());

const files = {
  image: join(place, 'image'),
  mounts: new Map([['/state', join(place, 'state')]]),
  home: join(place, 'home'),
};
const commandOf = (script: string) => ({
  words: ['sh', '-c', script],
  directory: '/app',
  variables: { PATH: systemPath },
});

/** Runs a script in a room and, when it has said something and so has entered, another one beside it. */
async function runBoth(own: Room, script: string, besides: string) {
  const heard: string[] = [];
  const hear = (text: string) => void heard.push(text);
  const program = keeper.start(own.enter(commandOf(script)), hear);
  await until(() => heard.length > 0, { what: 'the program has entered' });
  const beside = keeper.start(own.join(commandOf(besides), program.pid ?? 0), hear);
  const codes = [await beside.exit, await program.exit];
  return { codes, heard: heard.join('') };
}

test('in rewritten rooms, which every machine has, a program finds its files and its volumes', async (t) => {
  const script = 'cat text; touch /state/begun; until [ -e /state/end ]; do sleep 0.1; done';
  const besides = 'until [ -e /state/begun ]; do sleep 0.1; done; cat /app/text; touch /state/end';
  const { codes, heard } = await runBoth(rewrittenRoom(files), script, besides);
  t.deepEqual(codes, [0, 0]);
  t.is(heard, 'found\nfound\n');
  for (const name of ['begun', 'end']) t.true(existsSync(join(place, 'state', name)));
});

/** What private rooms are made of, tried in the plainest way. */
const tryLayers =
  'mount -t tmpfs tmpfs "$0" && mkdir "$0/a" "$0/b" "$0/c" && ' +
  'mount -t overlay overlay -o "lowerdir=/,upperdir=$0/a,workdir=$0/b" "$0/c"';
const layers = spawnSync('unshare', ['--mount', '--pid', '--fork', 'sh', '-c', tryLayers, place]);
const hasPrivate = layers.status === 0;

test('rooms are private where this machine allows it, and rewritten where it does not', (t) => {
  const machine = `private mounts: ${hasPrivate ? 'yes' : `no. ${String(layers.stderr)}`}`;
  t.log(machine);
  t.is(bestRooms(place), hasPrivate ? privateRoom : rewrittenRoom, machine);
});

test('where no layer can be laid rooms are rewritten, whoever asks', (t) => {
  const unfit = join(place, 'a,lowerdir=nowhere');
  mkdirSync(unfit);
  t.is(bestRooms(unfit), rewrittenRoom);
});

const mark = `mark-of-${process.pid}`;
const leaveMarks = `cat text; echo $$; touch /etc/${mark} /app/${mark}; until [ -e /state/over ]; do sleep 0.1; done`;
const findMarks = `until [ -e /app/${mark} ]; do sleep 0.1; done; test -e /etc/${mark} && touch /state/over`;

/** Who sleeps of a process group. */
function sleepersOf(group = 0): readonly string[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.filter((name) => {
    const text = readIfThere(`/proc/${name}/stat`);
    return new RegExp(`\\(sleep\\) \\S \\d+ ${group} `).test(text);
  });
}

/** Processes come and go while they are counted. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

if (hasPrivate) {
  test('in a private room, a program finds its files, and what it writes goes with it', async (t) => {
    const { codes, heard } = await runBoth(privateRoom(files), leaveMarks, findMarks);
    t.deepEqual(codes, [0, 0]);
    t.is(heard, 'found\n1\n');
    t.true(existsSync(join(place, 'state/over')));
    t.false(existsSync(`/etc/${mark}`));
    t.false(existsSync(join(place, `image/app/${mark}`)));
  });

  test('who comes before there is a private room waits for it, and does not look for it in the open', async (t) => {
    const own = privateRoom({ ...files, home: join(place, 'late') });
    const gate = join(place, 'gate');
    const entering = own.enter(commandOf('until [ -e /state/met ]; do sleep 0.1; done'));
    const late = ['sh', '-c', `until [ -e "${gate}" ]; do sleep 0.1; done; exec "$@"`, 'late'];
    const program = keeper.start({ ...entering, words: [...late, ...entering.words] }, () => {});
    const heard: string[] = [];
    const beside = keeper.start(
      own.join(commandOf('cat text && touch /state/met'), program.pid ?? 0),
      (text) => heard.push(text),
    );
    await until(() => sleepersOf(beside.pid).length > 0, { what: 'the one beside waits' });
    writeFileSync(gate, '');
    t.is(await beside.exit, 0);
    t.is(await program.exit, 0);
    t.is(heard.join(''), 'found\n');
  });

  test('who comes to a private room that never was is turned away', async (t) => {
    const own = privateRoom({ ...files, home: join(place, 'never') });
    const program = keeper.start({ ...own.enter(commandOf('true')), words: ['false'] }, () => {});
    await program.exit;
    const beside = keeper.start(own.join(commandOf('true'), program.pid ?? 0), () => {});
    t.not(await beside.exit, 0);
  });
} else {
  test('what was meant for a private room is not run in the open', async (t) => {
    const program = keeper.start(privateRoom(files).enter(commandOf(leaveMarks)), () => undefined);
    t.not(await program.exit, 0);
    t.false(existsSync(`/etc/${mark}`));
    t.false(existsSync(join(place, `image/app/${mark}`)));
  });
}
