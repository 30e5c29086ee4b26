import type { Given } from '../../domain/injection/inject.ts';
import type { Note } from '../../domain/injection/injector.ts';
import type { Refusal } from '../../domain/injection/match.ts';
import { reasons } from '../../domain/reasons.ts';
import { longestWarning } from './review.ts';

type Remark = Refusal | Note;

/** What a person who creates a pod by hand should read: what was refused, then what may surprise. */
export function warningsOf(
  refusals: readonly Refusal[],
  notes: readonly Note[],
): readonly string[] {
  const languages = new Map<string, string[]>();
  const remarks = new Map<string, Remark>();
  for (const remark of [...refusals, ...notes]) {
    const key = [remark.reason, remark.container, remark.detail].join('\n');
    remarks.set(key, remark);
    languages.set(key, [...(languages.get(key) ?? []), remark.language]);
  }
  return [...remarks].map(([key, remark]) => warning(remark, languages.get(key) ?? []));
}

/** Says where and about what as long as that leaves room for the advice. */
function warning({ reason, container, detail }: Remark, languages: readonly string[]): string {
  const { outcome, summary, remedy } = reasons[reason];
  const what = `otel-retrofit: ${languages.join(', ')}${outcome === 'refused' ? ' not injected' : ''}`;
  const where = container === undefined ? '' : ` (container ${container})`;
  const about = detail === undefined || detail === '' ? '' : ` [${shortened(detail)}]`;
  const [only, ...others] = languages;
  const advice =
    only === undefined || others.length > 0 ? remedy : remedy.replaceAll('<language>', only);
  const wordings = [
    `${what}${where}: ${summary}${about} ${advice}`,
    `${what}: ${summary}${about} ${advice}`,
    `${what}: ${summary} ${advice}`,
  ] as const;
  return wordings.find(({ length }) => length <= longestWarning) ?? wordings[2];
}

/** Names leave room for the sentence that explains them. */
const shortened = (detail: string) => (detail.length <= 60 ? detail : `${detail.slice(0, 57)}...`);

const longestNote = 1_000;

/** For the audit log, where the API server puts the webhook's name before each key. */
export function auditOf(
  given: readonly Given[],
  refusals: readonly Refusal[],
): Readonly<Record<string, string>> {
  const injected = given.map(
    ({ language, instrumentation, containers }) =>
      `${language}=${instrumentation}:${containers.join('+')}`,
  );
  const refused = refusals.map(({ language, reason }) => `${language}=${reason}`);
  return {
    ...(injected.length === 0 ? {} : { injected: listed(injected) }),
    ...(refused.length === 0 ? {} : { refused: listed(new Set(refused)) }),
  };
}

const listed = (items: Iterable<string>) => [...items].join(',').slice(0, longestNote);
