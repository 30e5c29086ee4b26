import test from 'ava';
import { isReader, programsIn, staged, verbOf } from './commands.ts';
import { unknownIn } from './kubectl.ts';
import { blocksIn, commandsIn, isAsSaid, stepsOf } from './pages.ts';
import { openWorkshop } from './workshop.ts';

/* What reads the guides is held to what it is there for: it must see what is wrong. */

const fenced = (language: string, text: string, before = '') =>
  `words\n\n${before}\`\`\`${language}\n${text}\n\`\`\`\n`;

const pageOf = (text: string) => ({ path: 'page.md', text, blocks: blocksIn('page.md', text) });

const commandsOf = (text: string) => {
  const [block] = blocksIn('page.md', fenced('console', text));
  return block === undefined ? [] : commandsIn(block);
};

test('a block tells its language, its line, and why it is not executed', (t) => {
  const text = fenced('console', '$ true', '<!-- not executed: it takes a day -->\n');
  const [block] = blocksIn('page.md', text);
  t.like(block, {
    language: 'console',
    line: 3,
    notExecuted: 'it takes a day',
    refused: undefined,
  });
  t.deepEqual(stepsOf(pageOf(text)), []);
});

test('a command ends where its line ends without a backslash, and its output follows', (t) => {
  const steps = commandsOf('$ echo one \\\n    two\none two\n\n$ true');
  t.deepEqual(
    steps.map(({ place, command, expected }) => ({ place, command, expected })),
    [
      { place: 'page.md:4', command: 'echo one two', expected: ['one two', ''] },
      { place: 'page.md:8', command: 'true', expected: [] },
    ],
  );
});

test('YAML that begins with the name of a file is that file', (t) => {
  const [file] = stepsOf(pageOf(fenced('yaml', '# app.yaml\nkind: Pod')));
  t.like(file, { kind: 'file', name: 'app.yaml', text: '# app.yaml\nkind: Pod\n' });
  t.deepEqual(stepsOf(pageOf(fenced('yaml', 'kind: Pod'))), []);
});

test('what is printed is as said, whatever the width of its columns', (t) => {
  t.true(isAsSaid('NAME    AGE\na       1s\n', ['NAME AGE', 'a    1s']));
  t.true(isAsSaid('NAME    AGE\na-x2    1s\n', ['NAME AGE', 'a-… …']));
  t.true(isAsSaid('one\ntwo\nthree\n', ['one', '…']));
  t.true(isAsSaid('one\ntwo\nthree\n', ['…', 'three']));
  t.false(isAsSaid('one\ntwo\nthree\n', ['one', 'three']));
  t.false(isAsSaid('one\ntwo\n', ['one', 'two', 'three']));
  t.false(isAsSaid('one (1)\n', ['one (2)']));
});

test('a line is taken apart into its programs and their words', (t) => {
  t.deepEqual(programsIn(`cat a.yaml | npx retrofit inject --x='a b' "c d" -`), [
    ['cat', 'a.yaml'],
    ['retrofit', 'inject', '--x=a b', 'c d', '-'],
  ]);
  t.is(verbOf(['--namespace', 'shop', 'get', 'pods']), 'get');
});

test('a command goes where it can be executed, and what it wrote is read there', (t) => {
  const stages = staged(
    commandsOf(
      [
        '$ retrofit inject a.yaml',
        '$ retrofit status',
        '$ retrofit status -f a.yaml',
        '$ kubectl get pods > b.yaml',
        '$ retrofit status -f b.yaml',
        '$ helm version',
      ].join('\n'),
    ),
  );
  t.deepEqual(
    stages.map(({ stage }) => stage),
    ['here', 'cluster', 'here', 'cluster', 'cluster', 'elsewhere'],
  );
});

test('only what changes nothing is asked again', (t) => {
  const repeated = commandsOf('$ kubectl get pods | grep a\n$ kubectl delete pod a').map(isReader);
  t.deepEqual(repeated, [true, false]);
});

const wrong = (command: string) => unknownIn(command.split(' '));

test('a verb, a flag or a resource that kubectl does not know is seen', (t) => {
  t.deepEqual(wrong('--namespace shop get pods,deploy -o yaml'), []);
  t.deepEqual(wrong('fetch pods'), ['the verb fetch']);
  t.deepEqual(wrong('get pods --all-namespace'), ['the flag all-namespace of get']);
  t.deepEqual(wrong('get pods,instrumentatons'), ['the resource instrumentatons']);
  t.deepEqual(wrong('rollout redo deployment/cart'), ['rollout redo']);
});

test('a command that fails, or says something else on either stream, is found out', async (t) => {
  const workshop = openWorkshop();
  t.teardown(workshop.close);
  t.deepEqual(await workshop.run('echo no >&2; exit 3'), { code: 3, printed: 'no\n' });
  workshop.write('a.txt', 'one');
  t.deepEqual(await workshop.run('cat a.txt'), { code: 0, printed: 'one' });
  const served = await workshop.runUntil('echo up; exec sleep 60', /up/);
  t.deepEqual(served, { code: 0, printed: 'up\n' });
});
