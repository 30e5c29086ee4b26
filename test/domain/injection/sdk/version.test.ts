import test from 'ava';
import { imageVersion } from '../../../../domain/injection/sdk/version.ts';

const states = test.macro((t, image: string, expected?: string) => {
  t.is(imageVersion(image), expected);
});

const sha256 = `sha256:${'0f'.repeat(32)}`;
const sha512 = `sha512:${'0f'.repeat(64)}`;

test('a tag is a version', states, 'app:1.2.3', '1.2.3');
test('"latest" is a version too', states, 'app:latest', 'latest');
test(
  'a tag may hold capitals, points, dashes and underscores',
  states,
  'app:V1_2.3-rc',
  'V1_2.3-rc',
);
test('a digest alone is a version', states, `app@${sha256}`, sha256);
test('tag and digest are both told', states, `app:1.2@${sha256}`, `1.2@${sha256}`);
test('a longer digest works', states, `app@${sha512}`, sha512);
test('an image without a tag states none', states, 'app');
test('a path without a tag states none', states, 'registry.example/team/app');
test('the port of a registry is no tag', states, 'registry.example:5000/app');
test(
  'a registry with a port may have a tag behind it',
  states,
  'registry.example:5000/team/app:2',
  '2',
);
test('a registry may be an address', states, '[fd00::1]:5000/app:2', '2');
test('localhost may be a registry', states, 'localhost/app:2', '2');
test('a path may join its words in all the ways there are', states, 'a.b/c_d/e__f/g---h:2', '2');
test('a capital first part is fine where it reads as a host', states, 'A/b:1', '1');
test('a tag may have 128 characters', states, `app:${'t'.repeat(128)}`, 't'.repeat(128));
test('a name may have 255 characters', states, `${'n'.repeat(255)}:1`, '1');

test(
  'the registry does not count among them',
  states,
  `reg.example:5000/${'n'.repeat(255)}:1`,
  '1',
);

test('no version: no image', states, '');
test('no version: a capital repository', states, 'App:1');
test('no version: a capital behind the host', states, 'host.example/App:1');
test('no version: an empty tag', states, 'app:');
test('no version: a tag that begins with a dash', states, 'app:-1');
test('no version: a tag over 128 characters', states, `app:${'t'.repeat(129)}`);
test('no version: a name over 255 characters', states, `${'n'.repeat(256)}:1`);
test('no version: a path over 255 characters', states, `reg.example/n/${'n'.repeat(254)}:1`);
test('no version: a digest in capitals', states, `app@sha256:${'0F'.repeat(32)}`);
test('no version: a digest too short', states, `app@sha256:${'0f'.repeat(31)}`);
test('no version: a digest of a kind that nobody knows', states, `app@md5:${'0f'.repeat(16)}`);
test('no version: a bare 64-digit number', states, '0f'.repeat(32));
test('no version: words joined in no known way', states, 'a..b:1');
test('no version: a slash at the end', states, 'app/:1');
test('no version: white space', states, ' app:1');
test('no version: a line more', states, 'app:1\n');

test('a megabyte of text is answered at once', (t) => {
  const before = process.threadCpuUsage();
  for (const part of ['a', 'a/', 'a.', 'a-', '1:', '[', 'A', '@']) {
    t.is(imageVersion(part.repeat(1_000_000)), undefined);
    t.notThrows(() => imageVersion(part.repeat(Math.floor(780 / part.length))));
  }
  t.true(process.threadCpuUsage(before).user < 2_000_000);
});
