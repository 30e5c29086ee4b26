import test from 'ava';
import { agentLanguages, specField } from '../../../domain/injection/instrumentation/settings.ts';
import type { AgentLanguage } from '../../../domain/injection/instrumentation/settings.ts';
import { annotations as keys } from '../../../crds/names.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { readInstrumentation } from '../../../domain/injection/instrumentation/read.ts';
import { listed } from '../../../domain/validate/subject.ts';
import { validate } from '../../../domain/validate/validate.ts';
import { admitted } from '../../support/build.ts';
import { chosenSeed, diceOf } from '../../support/dice.ts';
import { randomInstrumentation } from '../../model/cases/instrumentations.ts';

/** Whether a pod that has nothing special about it gets the agent. */
function isGiven(language: AgentLanguage, json: JsonObject): boolean {
  const read = readInstrumentation(json);
  const admission = admitted(language, {
    annotations: { [keys.goTargetExecutable]: '/app' },
    world: { instrumentations: read === undefined ? [] : [read] },
  });
  return admission.kind === 'injected';
}

/** Either all agents are meant, or those that are named, or the one whose section it is. */
function isLost(language: AgentLanguage, warning: string): boolean {
  const [, named] = /no agent(?: for (?<named>[^;]*))?/.exec(warning) ?? [];
  if (!warning.includes('no agent')) return false;
  if (named !== undefined) return named.includes(listed([language]));
  const section = agentLanguages.find((one) => warning.startsWith(`spec.${specField[one]}.`));
  return section === undefined || section === language;
}

test('what keeps an agent from pods is told when it is written, and nothing else is told so', (t) => {
  const seed = chosenSeed();
  const dice = diceOf(seed);
  const wrong: string[] = [];
  for (let index = 0; index < 1_000; index++) {
    const json = randomInstrumentation('shop', 'main', dice) as unknown as JsonObject;
    const { warnings } = validate(json);
    if (warnings.length === 20) continue;
    for (const language of agentLanguages) {
      const isTold = warnings.some((warning) => isLost(language, warning));
      if (isTold === isGiven(language, json))
        wrong.push(`seed ${seed}, ${index}, ${language}: ${warnings.join(' | ')}`);
    }
  }
  t.deepEqual(wrong.slice(0, 5), []);
});
