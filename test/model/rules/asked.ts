import { languages, type Case, type Instrumentation, type Language } from '../case.ts';
import type { Ours } from '../rows.ts';
import { isForbidden } from './security.ts';

export const prefix = 'instrumentation.opentelemetry.io/';

/** A language that a pod gets, if nothing in the pod speaks against it. */
export interface Ask {
  readonly language: Language;
  readonly instrumentation: Instrumentation;
  /** Absent where no annotation lists containers. */
  readonly list: readonly string[] | undefined;
}

export type Asking =
  | { readonly kind: 'stopped'; readonly code: 200 | 500; readonly why: string }
  | { readonly kind: 'asked'; readonly asks: readonly Ask[] };

const stopped = (code: 200 | 500, why: string): Asking => ({ kind: 'stopped', code, why });

/**
 * Selection and the checks before injection, in their order: the Instrumentation of each language,
 * the certificates, the lists of containers. The first error ends it for all languages.
 */
export function whatIsAsked(one: Case, ours: Ours): Asking {
  const wanted = whatIsWanted(one, ours);
  if (wanted === 'unresolved') return stopped(500, 'selection');
  const { found, count } = wanted;
  if (found.length === 0) return stopped(200, 'nothing is asked for');
  if (lacksCertificates(one, found) && !ours('tls-optional')) return stopped(500, 'certificates');

  const isLoose = one.isMultiOff && !ours('one-mode');
  const lists = listsOf(one, ours, isLoose ? [] : languages);
  if (lists.some(({ isBad }) => isBad) && !ours('one-bad-language')) return stopped(500, 'list');
  const asks: Ask[] = [];
  for (const ask of found) {
    const list = listFor(ask.language, lists);
    if (list === 'bad') continue;
    const isTwice = isRepetitive(list) && !ours('lenient-lists');
    if (isTwice && !isLoose) return stopped(200, 'a name is repeated');
    if (list === undefined && count > 1 && !isLoose) {
      if (ours('names-per-language')) continue;
      return stopped(200, 'container names are needed');
    }
    if (isForbidden(one, ask) && ours('pod-security')) continue;
    // With the switch off nobody minds a repeated name, and its container gets everything twice.
    asks.push({ ...ask, list: list === undefined || isTwice ? list : [...new Set(list)] });
  }
  return { kind: 'asked', asks };
}

type Found = Omit<Ask, 'list'>;

/** Languages asked for, each with the Instrumentation that its annotation means. */
function whatIsWanted(one: Case, ours: Ours) {
  const found: Found[] = [];
  let count = 0;
  for (const language of languages) {
    const value = effective(one, `${prefix}inject-${language}`);
    if (value === '' || is(value, 'false')) continue;
    const isOff = one.disabled.includes(language);
    const instrumentation = select(one, value);
    if (isOff && (instrumentation !== undefined || ours('switched-off-first'))) continue;
    if (instrumentation === undefined && !ours('one-bad-language')) return 'unresolved' as const;
    count += 1;
    if (instrumentation !== undefined) found.push({ language, instrumentation });
  }
  return { found, count };
}

const is = (text: string, word: 'true' | 'false') => text.toLowerCase() === word;

/** What pod and namespace say together: a name on the namespace outranks a bare "true" on the pod. */
export function effective({ pod, namespace }: Case, key: string): string {
  const onPod = pod.metadata.annotations?.[key] ?? '';
  const onNamespace = namespace.annotations[key] ?? '';
  if (onPod === '' || onNamespace === '') return onPod || onNamespace;
  const namesOne = !is(onNamespace, 'true') && !is(onNamespace, 'false');
  return is(onPod, 'true') && namesOne ? onNamespace : onPod;
}

function select({ namespace, instrumentations }: Case, value: string) {
  if (is(value, 'true')) {
    const here = instrumentations.filter(({ metadata }) => metadata.namespace === namespace.name);
    return here.length === 1 ? here[0] : undefined;
  }
  const slash = value.indexOf('/');
  const place = slash === -1 ? namespace.name : value.slice(0, slash);
  const name = value.slice(slash + 1);
  return instrumentations.find(
    ({ metadata }) => metadata.namespace === place && metadata.name === name,
  );
}

const lacksCertificates = ({ missing }: Case, found: readonly Found[]) =>
  found.some(({ instrumentation }) => {
    const { secretName, configMapName } = instrumentation.spec.exporter?.tls ?? {};
    return (
      missing.includes(`Secret/${secretName}`) || missing.includes(`ConfigMap/${configMapName}`)
    );
  });

interface List {
  /** Absent for the list of all languages. */
  readonly language?: Language;
  readonly names: readonly string[] | undefined;
  readonly isBad: boolean;
}

/**
 * The common list and each language's own, also of languages that nobody asked for. With the
 * operator's switch for multi-instrumentation off, nothing but the common list is looked at.
 */
function listsOf(one: Case, ours: Ours, own: readonly Language[]): readonly List[] {
  const read = (key: string): List => {
    const text = effective(one, key);
    const isPlain = /^[a-zA-Z0-9,-]*$/.test(text);
    const isRead = isPlain || (/^[a-zA-Z0-9,\s-]*$/.test(text) && ours('lenient-lists'));
    const names = text === '' ? undefined : text.split(',').map((name) => name.trim());
    return { names, isBad: !isRead };
  };
  return [
    read(`${prefix}container-names`),
    ...own.map((language) => ({ ...read(listKey(language)), language })),
  ];
}

const listKey = (language: Language) =>
  language === 'nginx'
    ? `${prefix}inject-nginx-container-names`
    : `${prefix}${language}-container-names`;

/** A language's list: the common one, followed by its own. */
function listFor(language: Language, lists: readonly List[]) {
  const mine = lists.filter((list) => list.language === undefined || list.language === language);
  if (mine.some(({ isBad }) => isBad)) return 'bad' as const;
  const said = mine.flatMap(({ names }) => (names === undefined ? [] : [names]));
  return said.length === 0 ? undefined : said.flat();
}

function isRepetitive(list: readonly string[] | undefined): boolean {
  const names = (list ?? []).filter((name) => name !== '');
  return new Set(names).size < names.length;
}
