import test from 'ava';
import { createScreen } from '../../../cli/demo/screen.ts';

const written = (isTerminal: boolean, columns = 80) => {
  const texts: string[] = [];
  const paper = { write: (text: string) => texts.push(text), isTerminal, columns: () => columns };
  return { screen: createScreen(paper), text: () => texts.join('') };
};

/** What a terminal shows in the end: rows are rubbed out as the codes say. */
function rows(text: string): readonly string[] {
  const shown: string[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const rubbed = line.split('\u001B[0J');
    for (const code of rubbed.slice(0, -1)) shown.splice(-Number.parseInt(code.slice(2), 10));
    shown.push(rubbed.at(-1) ?? '');
  }
  return shown;
}

test('on a terminal the table stays below the lines, and is drawn once however often it changes', (t) => {
  const { screen, text } = written(true);
  screen.say('one');
  screen.show(['web 0/2', 'cart 0/2']);
  screen.say('two');
  screen.show(['web 1/2', 'cart 0/2']);
  screen.show(['web 2/2']);
  t.deepEqual(rows(text()), ['one', 'two', 'web 2/2']);
});

test('a table that has not changed is not drawn again', (t) => {
  const { screen, text } = written(true);
  screen.show(['web 0/2']);
  const before = text();
  screen.show(['web 0/2']);
  t.is(text(), before);
});

test('a line of the table is cut where the window ends', (t) => {
  const { screen, text } = written(true, 6);
  screen.show(['web 0/2']);
  t.deepEqual(rows(text()), ['web 0']);
});

test('what never stands still is the last line of a terminal, and is not written elsewhere', (t) => {
  const live = written(true);
  live.screen.show(['web 0/2'], 'spans 1');
  live.screen.show(['web 0/2'], 'spans 2');
  t.deepEqual(rows(live.text()), ['web 0/2', 'spans 2']);
  const plain = written(false);
  plain.screen.show(['web 0/2'], 'spans 1');
  plain.screen.show(['web 0/2'], 'spans 2');
  t.is(plain.text(), 'web 0/2\n');
});

test('elsewhere only the lines of the table that are new are written, without any code', (t) => {
  const { screen, text } = written(false);
  screen.say('one');
  screen.show(['web 0/2', 'cart 0/2']);
  screen.show(['web 1/2', 'cart 0/2']);
  t.is(text(), 'one\nweb 0/2\ncart 0/2\nweb 1/2\n');
});
