/** A line of a Dockerfile, as far as ours goes. */
export interface Step {
  readonly word: string;
  readonly rest: string;
}

export interface Stage {
  readonly from: string;
  readonly name: string | undefined;
  readonly steps: readonly Step[];
}

export function stagesOf(text: string): readonly Stage[] {
  const stages: { from: string; name: string | undefined; steps: Step[] }[] = [];
  const given = defaultsOf(text);
  for (const line of text.split('\n')) {
    const [, word, rest = ''] = /^(?<word>[A-Z]+)\s+(?<rest>.+)$/.exec(line) ?? [];
    if (word === undefined) continue;
    if (word !== 'FROM') {
      stages.at(-1)?.steps.push({ word, rest });
      continue;
    }
    const [, from = '', name] =
      /^(?:--\S+\s+)*(?<from>\S+)(?:\s+AS\s+(?<name>\S+))?$/.exec(rest) ?? [];
    const image = from.replace(
      /^\$(?<name>\w+)$/,
      (_, variable: string) => given.get(variable) ?? '',
    );
    stages.push({ from: image, name, steps: [] });
  }
  return stages;
}

/** Of `ARG NAME=value`, as a build has them that is given nothing. */
const defaultsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    [...text.matchAll(/^ARG (?<name>\w+)=(?<value>\S+)$/gm)].map(({ groups }) => [
      groups?.['name'] ?? '',
      groups?.['value'] ?? '',
    ]),
  );

export interface Copy {
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

export function copyOf({ rest }: Step): Copy {
  const words = rest.split(/\s+/);
  const flag = words.find((word) => word.startsWith('--from='));
  const paths = words.filter((word) => !word.startsWith('--'));
  return {
    from: flag?.slice('--from='.length),
    sources: paths.slice(0, -1),
    target: paths.at(-1) ?? '',
  };
}

/** Names and values of `ENV NAME=value` and `ENV NAME="value"`. */
export const environmentOf = ({ steps }: Stage): Readonly<Record<string, string>> =>
  Object.fromEntries(
    steps
      .filter(({ word }) => word === 'ENV')
      .map(({ rest }) => {
        const [, name = '', value = ''] = /^(\w+)="?(.*?)"?$/.exec(rest) ?? [];
        return [name, value];
      }),
  );

export const valueOf = ({ steps }: Stage, word: string): string =>
  steps.findLast((step) => step.word === word)?.rest ?? '';
