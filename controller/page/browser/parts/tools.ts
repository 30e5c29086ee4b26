import { verdictKinds, type Row } from '../../wire.ts';
import type { Filter } from '../model/filter.ts';
import { verdictsIn } from '../model/totals.ts';
import { counted, number, verdictHelp, verdictWords } from '../model/words.ts';
import { element, found, foundAs, mark, write } from './elements.ts';

const choices = ['asking', ...verdictKinds] as const;

/** What is looked for, and how many there are of it. */
export function createTools(
  onSaid: (said: Partial<Filter>) => void,
): (filter: Filter, anyVerdict: readonly Row[], shown: number) => void {
  const text = foundAs('text', HTMLInputElement);
  const chips = choices.map((choice) => chip(choice, () => onSaid({ verdict: choice })));
  found('verdicts').append(...chips.map(({ label }) => label));
  found('search').addEventListener('submit', (event) => event.preventDefault());
  text.addEventListener('input', () => onSaid({ text: text.value }));
  return (filter, anyVerdict, shown) => {
    if (document.activeElement !== text) text.value = filter.text;
    const counts = verdictsIn(anyVerdict);
    const exempt = counts.get('exempt') ?? 0;
    for (const { choice, input, label, amount } of chips) {
      const count = choice === 'asking' ? anyVerdict.length - exempt : (counts.get(choice) ?? 0);
      input.checked = filter.verdict === choice;
      label.hidden = count === 0 && choice !== 'asking' && filter.verdict !== choice;
      write(amount, number(count));
    }
    write(found('found'), foundWords(filter, shown));
    showEmpty(filter, shown, exempt);
  };
}

function foundWords({ text, namespace, verdict }: Filter, shown: number): string {
  const isNarrow = text !== '' || namespace !== '' || verdict !== 'asking';
  const place = namespace === '' ? '' : ` in ${namespace}`;
  return `${counted(shown, 'workload')}${place}${isNarrow ? ' found' : ''}`;
}

function chip(choice: Filter['verdict'], onChoice: () => void) {
  const input = element('input', { type: 'radio', name: 'verdict', value: choice });
  const amount = element('b');
  const word = choice === 'asking' ? 'All that ask' : verdictWords[choice];
  const help = choice === 'asking' ? 'All but the exempt ones' : verdictHelp[choice];
  const label = element('label', { title: help }, input, element('span', {}, word, ' ', amount));
  if (choice !== 'asking') mark(label, 'data-verdict', choice);
  input.addEventListener('change', onChoice);
  return { choice, input, label, amount };
}

function showEmpty({ text, verdict }: Filter, shown: number, exempt: number): void {
  const empty = found('empty');
  empty.hidden = shown > 0;
  const none = text === '' ? 'There is no workload here.' : 'No workload matches.';
  const asks = exempt === 1 ? 'asks' : 'ask';
  const more = `${counted(exempt, 'workload')} here ${asks} for nothing: see Exempt.`;
  write(empty, exempt > 0 && verdict === 'asking' ? `${none} ${more}` : none);
}
