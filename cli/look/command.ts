import { Option, type Command } from 'commander';

export interface LookOptions {
  /** Files and folders in place of a cluster. */
  readonly paths: readonly string[];
  readonly namespace: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** The settings of the installation. */
  readonly config: string | undefined;
}

/** What is asked of a cluster, and how the answer is to look. */
export interface LookAsked {
  readonly kind: 'status' | 'plan';
  readonly options: LookOptions;
  readonly form: 'table' | 'wide' | 'json' | 'yaml';
  readonly isWatching: boolean;
}

interface Flags {
  readonly file: readonly string[];
  readonly namespace?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly config?: string;
  readonly output: LookAsked['form'];
  readonly watch?: true;
}

export function addLooks(program: Command, found: (asked: LookAsked) => void): void {
  for (const kind of ['status', 'plan'] as const) {
    const { summary, description, examples } = words[kind];
    const command = program
      .command(kind)
      .summary(summary)
      .description(description)
      .addOption(
        new Option('-f, --file <path>', 'a file or folder in place of a cluster; repeatable')
          .argParser((path: string, before: readonly string[]) => [...before, path])
          .default([], 'a cluster is read'),
      )
      .option('-n, --namespace <name>', 'only the workloads of one namespace')
      .option('--kubeconfig <path>', 'how to reach the cluster', undefined)
      .option('--context <name>', 'the context of the kubeconfig')
      .option('--config <path>', 'the settings file of the installation, for its limits')
      .addOption(
        new Option('-o, --output <form>', 'how the answer looks')
          .choices(
            kind === 'status' ? ['table', 'wide', 'json', 'yaml'] : ['table', 'json', 'yaml'],
          )
          .default('table'),
      )
      .addHelpText('after', examples);
    if (kind === 'status') command.option('-w, --watch', 'ask again every two seconds');
    command.action((flags: Flags) => {
      const { file: paths, namespace, kubeconfig, context, config } = flags;
      found({
        kind,
        options: { paths, namespace, kubeconfig, context, config },
        form: flags.output,
        isWatching: flags.watch === true,
      });
    });
  }
}

const codes = `
Exit codes:
  0   answered
  1   answered, and a workload lacks what it asked for
  2   the input or the cluster cannot be read; why is on stderr
  64  the command line cannot be understood`;

const words = {
  status: {
    summary: 'show which workloads have the agents they asked for, and why others have not',
    description: `Judges every workload of a cluster as the controller does, from what is in the cluster
now: who has the agents that were asked for, who has not, and why. Nothing is changed.
It reads what the controller reads, so it needs the same rights to list; with -n the rights
of one namespace are enough, and what others take of the limits is not counted.`,
    examples: `${codes}

Examples:
  $ retrofit status
  $ retrofit status -n shop -o wide
  $ kubectl get ns,instrumentations,deploy,sts,ds,rs,controllerrevisions,pods,pdb -A -o yaml \\
      | retrofit status -f -`,
  },
  plan: {
    summary: 'show what would be restarted next, in what order, and what is held back',
    description: `Makes the plan that a controller would make of a cluster now, with all its limits: what
would be restarted, in what order, what waits and for what, and what is left to people.
It takes for granted that the webhook works. Nothing is changed.`,
    examples: `${codes}

Examples:
  $ retrofit plan
  $ retrofit plan -f cluster/ -o json`,
  },
} as const;
