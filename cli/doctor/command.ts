import { InvalidArgumentError, Option, type Command } from 'commander';

export interface DoctorOptions {
  /** Absent: the whole installation. */
  readonly workload: WorkloadAsked | undefined;
  /** Files and folders in place of a cluster. */
  readonly paths: readonly string[];
  readonly namespace: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** The settings of the installation. */
  readonly config: string | undefined;
}

export interface WorkloadAsked {
  /** As it is written; absent where only a name is. */
  readonly kind: string | undefined;
  readonly name: string;
}

/** What is asked of a cluster, and how the answer is to look. */
export interface DoctorAsked {
  readonly kind: 'doctor';
  readonly options: DoctorOptions;
  readonly form: 'table' | 'json' | 'yaml';
}

interface Flags extends Omit<DoctorOptions, 'workload' | 'paths'> {
  readonly file: readonly string[];
  readonly output: DoctorAsked['form'];
}

export function addDoctor(program: Command, found: (asked: DoctorAsked) => void): void {
  program
    .command('doctor')
    .summary('say why a pod has no agent, or why nothing arrives, and what to do')
    .description(description)
    .argument('[workload]', 'as kind/name, for example deployment/cart', readWorkload)
    .addOption(
      new Option('-f, --file <path>', 'a file or folder in place of a cluster; repeatable')
        .argParser((path: string, before: readonly string[]) => [...before, path])
        .default([], 'a cluster is read'),
    )
    .option('-n, --namespace <name>', 'the namespace of the workload, or the only one looked at')
    .option('--kubeconfig <path>', 'how to reach the cluster')
    .option('--context <name>', 'the context of the kubeconfig')
    .option('--config <path>', 'the settings file of the installation')
    .addOption(
      new Option('-o, --output <form>', 'how the answer looks')
        .choices(['table', 'json', 'yaml'])
        .default('table'),
    )
    .addHelpText('after', examples)
    .action((workload: WorkloadAsked | undefined, flags: Flags) => {
      const { file: paths, namespace, kubeconfig, context, config, output: form } = flags;
      const options = { workload, paths, namespace, kubeconfig, context, config };
      found({ kind: 'doctor', options, form });
    });
}

function readWorkload(text: string): WorkloadAsked {
  const parts = text.split('/');
  const [first = '', second] = parts;
  if (parts.length > 2 || parts.includes('')) {
    throw new InvalidArgumentError('Write <kind>/<name>, for example deployment/cart.');
  }
  return second === undefined ? { kind: undefined, name: first } : { kind: first, name: second };
}

const description = [
  'Examines an installation, or one workload, and names what is wrong with it, the likely cause',
  'first, each with what to do. Of one workload it tells rule by rule how it was decided what its',
  'pods get. Nothing is changed.\n\nEach finding has a heading in docs/guides/troubleshooting.md or',
  'docs/reference/reasons.md.',
].join(' ');

/** Everything that is looked at, in the words of kubectl. */
export const dumped =
  'ns,instrumentations,deploy,sts,ds,rs,controllerrevisions,pods,pdb,limitranges,svc,endpointslices,netpol,leases,mutatingwebhookconfigurations';

const examples = `
Exit codes:
  0   nothing is wrong
  1   something is wrong
  2   the input or the cluster cannot be read; why is on stderr
  64  the command line cannot be understood

Examples:
  $ retrofit doctor deployment/cart -n shop
  $ retrofit doctor -o json > report.json
  $ kubectl get ${dumped} \\
      -A -o json | retrofit doctor -f -`;
