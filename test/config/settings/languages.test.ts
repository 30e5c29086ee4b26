import test from 'ava';
import { agentLanguages, enableRow, imageRow } from '../../../config/settings/languages.ts';
import { agentLanguages as injected } from '../../../domain/injection/instrumentation/settings.ts';

test('every agent that can be injected can be switched off and its image replaced', (t) => {
  t.deepEqual([...agentLanguages].toSorted(), [...injected].toSorted());
});

test('all agents are on', (t) => {
  for (const language of agentLanguages) t.true(enableRow(language).default);
});

test('images are pinned', (t) => {
  for (const language of agentLanguages) t.regex(imageRow(language).default, /:v?\d+\.\d+\.?\w+$/);
});

test('whoever lets the Go agent in is told what it needs', (t) => {
  t.regex(enableRow('go').help, /privileged.*root.*Pod Security.*otel-go-auto-target-exe/);
});
