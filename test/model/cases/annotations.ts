import type { Dice } from '../../support/dice.ts';
import { languages, type Language, type Texts } from '../case.ts';

const prefix = 'instrumentation.opentelemetry.io/';

interface Names {
  readonly containers: readonly string[];
  readonly initContainers: readonly string[];
}

/** What pod and namespace ask for: mostly one language, sometimes many. */
export function randomAnnotations(
  names: Names,
  dice: Dice,
): { readonly pod: Texts; readonly namespace: Texts } {
  const pod: Record<string, string> = { ...randomNotes(dice) };
  const namespace: Record<string, string> = {};
  const place = (key: string, value: string, onNamespace: number) => {
    (dice.chance(onNamespace) ? namespace : pod)[key] = value;
  };
  const wanted = randomLanguages(dice);
  const all = [...names.containers, ...names.initContainers];
  for (const language of wanted) {
    place(`${prefix}inject-${language}`, randomValue(dice), 0.2);
    if (dice.chance(0.1)) namespace[`${prefix}inject-${language}`] = randomValue(dice);
  }
  if (dice.chance(0.25)) place(`${prefix}container-names`, randomList(all, dice), 0.2);
  for (const language of languages) {
    const isWanted = wanted.includes(language);
    const likely = wanted.length > 1 ? 0.75 : 0.25;
    if (!dice.chance(isWanted ? likely : 0.02)) continue;
    const isPlain = ['apache-httpd', 'nginx'].includes(language) && dice.chance(0.6);
    place(listKey(language), randomList(isPlain ? names.containers : all, dice), 0.2);
  }
  if (wanted.includes('go') && dice.chance(0.85))
    place(`${prefix}otel-go-auto-target-exe`, dice.pick(['/app/x', '/app/x', '']), 0.05);
  return { pod, namespace };
}

function randomLanguages(dice: Dice): readonly Language[] {
  if (dice.chance(0.68)) return [dice.pick([...languages, 'go', 'nginx', 'apache-httpd'])];
  return dice.some(languages, dice.pick([0.25, 0.25, 0.5]));
}

const listKey = (language: Language) =>
  language === 'nginx'
    ? `${prefix}inject-nginx-container-names`
    : `${prefix}${language}-container-names`;

/** Mostly such that something is found. */
function randomValue(dice: Dice): string {
  if (dice.chance(0.82)) return dice.chance(0.85) ? 'true' : 'TRUE';
  return dice.pick([
    'one',
    'one',
    'two',
    'obs/shared',
    'obs/shared',
    'false',
    'False',
    'ghost',
    'obs/shared/x',
    '/x',
    ' one',
    '',
  ]);
}

function randomList(names: readonly string[], dice: Dice): string {
  const some = dice.some(names, 0.5);
  const chosen = some.length > 0 ? some : names.slice(0, 1);
  if (dice.chance(0.3)) chosen.reverse();
  if (dice.chance(0.06)) chosen.splice(dice.roll(2), 0, 'nope');
  if (dice.chance(0.04)) chosen.push(chosen[0] ?? '');
  const list = chosen.join(dice.chance(0.05) ? ', ' : ',');
  if (dice.chance(0.03)) return `,${list},,`;
  if (dice.chance(0.03)) return 'nope';
  return dice.chance(0.02) ? `${list}_x` : list;
}

function randomNotes(dice: Dice): Texts {
  const attributes = dice.some(
    [
      'service.name',
      'service.namespace',
      'service.version',
      'service.instance.id',
      'k8s.deployment.name',
      'team',
      'k8s.node.name',
      'k8s.pod.name',
      'k8s.pod.uid',
    ],
    0.05,
  );
  const value = () => dice.pick(['said', 'two words', 'a,b', '', 'x=y']);
  return {
    ...Object.fromEntries(attributes.map((key) => [`resource.opentelemetry.io/${key}`, value()])),
    ...(dice.chance(0.2) ? { [`${prefix}otel-python-platform`]: dice.pick(pythonPlatforms) } : {}),
    ...(dice.chance(0.2) ? { [`${prefix}otel-dotnet-auto-runtime`]: dice.pick(runtimes) } : {}),
    ...(dice.chance(0.1)
      ? { 'otel-retrofit.dev/join-env': 'JAVA_TOOL_OPTIONS, NODE_OPTIONS,PYTHONPATH' }
      : {}),
    ...(dice.chance(0.02)
      ? { 'otel-retrofit.dev/injected': `v1.${'0'.repeat(16)}.${'1'.repeat(16)}` }
      : {}),
    ...(dice.chance(0.02) ? { 'kubernetes.io/config.mirror': 'x' } : {}),
  };
}

const pythonPlatforms = ['musl', 'glibc', 'musl', 'alpine', 'MUSL'] as const;
const runtimes = ['linux-musl-x64', 'linux-x64', 'linux-arm64', 'linux-musl-arm64', 'win'] as const;
