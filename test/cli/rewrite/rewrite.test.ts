import test from 'ava';
import { applyPatch } from 'diff';
import { parseDocuments, parseFile } from '../../../cli/manifest/parse.ts';
import { unifiedDiff } from '../../../cli/report/diff.ts';
import { rewrite } from '../../../cli/rewrite/rewrite.ts';
import { editsInPlace } from '../../../cli/rewrite/write.ts';
import { diff } from '../../../domain/injection/patch.ts';
import { objectAt, type JsonObject } from '../../../domain/json.ts';
import { chosenSeed, diceOf } from '../../support/dice.ts';
import { anObject, anyText, changed } from './document.ts';

const at = ['spec', 'template'];

/** A text, and what becomes of its pod when something in it changes. */
function draw(seed: number) {
  const dice = diceOf(seed);
  const text = anyText(dice, anObject(dice));
  const { file, problems } = parseFile({ path: `seed ${seed}`, text });
  const [document, ...others] = file.documents;
  if (problems.length > 0 || document === undefined || others.length > 0) return undefined;
  const json = document.json as JsonObject;
  const pod = objectAt(objectAt(json, 'spec') ?? {}, 'template');
  if (pod === undefined) return undefined;
  const after = changed(dice, structuredClone(pod) as never) as JsonObject;
  const operations = diff(pod, after);
  return operations.length === 0 ? undefined : { text, file, json, after, operations };
}

test('however a document is laid out, it says afterwards what it should, nearly always by edits in place', (t) => {
  const first = chosenSeed();
  t.log(`seed ${first}`);
  const anew: string[] = [];
  let drawn = 0;
  for (let seed = first; drawn < 250; seed++) {
    const one = draw(seed);
    if (one === undefined) continue;
    drawn++;
    const { file, json, after, operations } = one;
    const { text, edits } = rewrite(file, [{ document: 0, at, pod: after, operations }]);
    const read = parseFile({ path: file.path, text });
    t.deepEqual(read.problems, [], file.path);
    t.deepEqual(read.file.documents[0]?.json, { ...json, spec: { template: after } }, file.path);
    const patch = unifiedDiff(
      [{ path: file.path, before: file.text, edits }],
      (_look, line) => line,
    );
    t.is(applyPatch(file.text, patch), text, file.path);
    if (!isInPlace(one)) anew.push(file.path);
  }
  t.true(anew.length <= 2, anew.join(', '));
});

function isInPlace({ text, operations }: NonNullable<ReturnType<typeof draw>>): boolean {
  const [yaml] = parseDocuments(text);
  if (yaml === undefined) return false;
  const edits = editsInPlace(yaml, [{ at, operations }], text);
  return edits.every(({ start }) => start !== yaml.contents?.range[0]);
}
