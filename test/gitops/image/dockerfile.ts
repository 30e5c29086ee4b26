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
  for (const line of text.split('\n')) {
    const [, word, rest = ''] = /^(?<word>[A-Z]+)\s+(?<rest>.+)$/.exec(line) ?? [];
    if (word === undefined) continue;
    if (word !== 'FROM') {
      stages.at(-1)?.steps.push({ word, rest });
      continue;
    }
    const [, from = '', name] =
      /^(?:--\S+\s+)*(?<from>\S+)(?:\s+AS\s+(?<name>\S+))?$/.exec(rest) ?? [];
    stages.push({ from, name, steps: [] });
  }
  return stages;
}

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
