import test from 'ava';
import { listed, subjectOf } from '../../../domain/validate/subject.ts';
import { anInstrumentation } from './support.ts';

test('languages are listed as people would', (t) => {
  t.is(listed(['java']), 'Java');
  t.is(listed(['java', 'dotnet']), 'Java and .NET');
  t.is(listed(['java', 'nodejs', 'go']), 'Java, Node.js and Go');
});

test('a language is meant where somebody wrote its section, even an empty one', (t) => {
  t.deepEqual(subjectOf(anInstrumentation({ java: {}, apacheHttpd: {} }))?.meant, [
    'java',
    'apache-httpd',
  ]);
});

test('what is no object is no subject', (t) => {
  t.is(subjectOf('text'), undefined);
});
