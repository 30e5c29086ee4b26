import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
} from '../../../sandbox/kubelet/pod/rooms.ts';

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
const keeper = openKeeper(place);
test.after.always(() => keeper.end());
const run = (script: string) => ({
  words: ['sh', '-c', script],
  directory: '/app',
  variables: { PATH: systemPath },
});
const withRoot = bestRooms(place) === privateRoom ? test : test.skip;

withRoot(
  'in a private room, a program finds its files, and what it writes goes with it',
  async (t) => {
    for (const name of ['image/app', 'state', 'home']) {
      mkdirSync(join(place, name), { recursive: true });
    }
    writeFileSync(join(place, 'image/app/text'), 'found\n');
    const own = privateRoom({
      image: join(place, 'image'),
      mounts: new Map([['/state', join(place, 'state')]]),
      home: join(place, 'home'),
    });
    const mark = `mark-of-${process.pid}`;
    const heard: string[] = [];
    const hear = (text: string) => void heard.push(text);
    const script = `cat text; echo $$; touch /etc/${mark} /app/${mark}; until [ -e /state/end ]; do sleep 0.1; done`;
    const program = keeper.start(own.enter(run(script)), hear);
    const look = `until [ -e /app/${mark} ]; do sleep 0.1; done; test -e /etc/${mark} && touch /state/end`;
    const beside = keeper.start(own.join(run(look), program.pid ?? 0), hear);
    t.is(await beside.exit, 0);
    t.is(await program.exit, 0);
    t.is(heard.join(''), 'found\n1\n');
    t.true(existsSync(join(place, 'state/end')));
    t.false(existsSync(`/etc/${mark}`));
    t.false(existsSync(join(place, `image/app/${mark}`)));
  },
);
