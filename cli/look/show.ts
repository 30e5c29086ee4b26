import type { Problem } from '../manifest/model.ts';
import { structured, type Answer } from './answer.ts';
import type { LookAsked } from './command.ts';
import { look, type LookContext } from './look.ts';
import type { Unread } from './live/unread.ts';
import { planText } from './plan.ts';
import { statusText } from './status.ts';
import type { Paint } from './table.ts';

export type Shown =
  | { readonly kind: 'badInput'; readonly problems: readonly Problem[] }
  | { readonly kind: 'shown'; readonly text: string; readonly answers: readonly Answer[] };

/** Looks once, and puts what was seen into the form that was asked for. */
export async function answer(asked: LookAsked, context: LookContext, paint: Paint): Promise<Shown> {
  const { kind, form } = asked;
  const seen = await look(asked, context);
  if (seen.kind === 'badInput') return seen;
  const { answers, unread } = seen;
  if (form === 'json' || form === 'yaml')
    return { kind: 'shown', text: structured(form, answers, unread), answers };
  const text =
    kind === 'plan' ? planText(answers, paint) : statusText(answers, form === 'wide', paint);
  return {
    kind: 'shown',
    text: [text, ...unread.map((one) => unreadText(one, paint))].join('\n'),
    answers,
  };
}

const unreadText = ({ what, effect, remedy }: Unread, paint: Paint) =>
  `${paint('bold', 'Not read')}: ${what}; ${effect}\n  ${remedy}\n`;

const fine: ReadonlySet<Answer['verdict']> = new Set(['current', 'exempt']);

export const hasShortfall = ({ answers }: Extract<Shown, { kind: 'shown' }>): boolean =>
  answers.some((one) => !fine.has(one.verdict) && !isUnknown(one));

/** What nobody could read is no lack where each pod got something. */
const isUnknown = ({ reason, covered, pods }: Answer): boolean =>
  reason === 'InstrumentationUnreadable' && covered === pods;
