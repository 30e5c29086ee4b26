import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { languages, type Language } from '../domain/injection/instrumentation/settings.ts';
import { addDoctor, type DoctorAsked } from './doctor/command.ts';
import type { InjectOptions } from './inject.ts';
import { addLooks, type LookAsked } from './look/command.ts';
import type { NamespaceAnnotation } from './manifest/world.ts';

/** What the program's exit codes mean. */
export const exits = { done: 0, refused: 1, badInput: 2, usage: 64, bug: 70 } as const;

/** What a person wants to see of an injection. */
export type View = 'manifests' | 'diff' | 'table' | 'json' | 'yaml';

export type Asked =
  | { readonly kind: 'inject'; readonly options: InjectOptions; readonly view: View }
  | { readonly kind: 'run'; readonly words: readonly string[] }
  | LookAsked
  | DoctorAsked
  /** Nothing is left to do: help was shown, or what is wrong with the words. */
  | { readonly kind: 'answered'; readonly exit: 0 | 64 };

export interface Outlets {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

/** Turns the words of a command line into what they ask for. */
export function readCommand(words: readonly string[], version: string, outlets: Outlets): Asked {
  let asked: Asked = { kind: 'answered', exit: exits.usage };
  const program = new Command('retrofit')
    .description('Puts OpenTelemetry agents into Kubernetes workloads.')
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help; also after a command')
    .configureOutput({ writeOut: outlets.out, writeErr: outlets.error })
    .showHelpAfterError('Run it with --help to see what it takes.')
    .addHelpText('after', exampleOfAll)
    .exitOverride();
  addInject(program, (options, view) => {
    asked = { kind: 'inject', options, view };
  });
  addRun(program, (settings) => {
    asked = { kind: 'run', words: settings };
  });
  addLooks(program, (look) => {
    asked = look;
  });
  addDoctor(program, (doctor) => {
    asked = doctor;
  });
  try {
    program.parse(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: 'answered', exit: error.exitCode === 0 ? 0 : exits.usage };
  }
  return asked;
}

/** Settings come from three places and are checked together, so their flags are not commander's. */
function addRun(program: Command, found: (words: readonly string[]) => void): void {
  program
    .command('run')
    .summary('answer an API server when pods are created, until told to stop')
    .description(runDescription)
    .argument('[settings...]', 'each as --name value; all are in docs/reference/settings.md')
    .allowUnknownOption()
    .addHelpText('after', runHelp)
    .action((_words: readonly string[], _flags: object, command: Command) => found(command.args));
}

const runDescription = `Runs the admission webhook: pods that ask for instrumentation are given it as they
are created, and no pod is ever turned away. Settings come from a file, the environment
and flags, and everything that is wrong with them is said at once.`;

const runHelp = `
Exit codes:
  0   told to stop, and everything under way was finished
  2   a setting is wrong; all that is wrong is on stderr, and nothing was started
  70  a fault of retrofit itself

Signals:
  SIGTERM, SIGINT   stop: not ready at once, then finish what is under way
  SIGUSR2           switch the log between its level and debug

Examples:
  In a cluster, as config/base has it:
    $ retrofit run --role webhook

  Against a folder of manifests, without a cluster:
    $ retrofit run --manifests k8s/ --bind-address 127.0.0.1`;

const exampleOfAll = `
Example:
  $ retrofit inject k8s/ > injected.yaml

Run "retrofit <command> --help" for all that a command can do.`;

interface InjectFlags {
  readonly namespace: string;
  readonly namespaceAnnotations: readonly NamespaceAnnotation[];
  readonly instrumentation: readonly string[];
  readonly disable: readonly Language[];
  readonly report?: 'table' | 'json' | 'yaml';
  readonly diff?: true;
}

function addInject(program: Command, found: (options: InjectOptions, view: View) => void): void {
  program
    .command('inject')
    .summary('show manifests with the agents that a cluster would inject')
    .description(injectDescription)
    .argument('<paths...>', 'files, folders, or - for what is piped in')
    .option('-n, --namespace <name>', 'the namespace of objects that name none', 'default')
    .addOption(
      new Option(
        '--namespace-annotations <ns:key=value>',
        'an annotation that a namespace has in the cluster; repeatable, and it outranks a Namespace in the input',
      )
        .argParser(collect(readAnnotation))
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--instrumentation <path>',
        'a file or folder whose Instrumentations count but are not written; repeatable',
      )
        .argParser(collect((path) => path))
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--disable <language>',
        'a language that is switched off in the cluster; repeatable',
      )
        .argParser(collect(readLanguage))
        .default([], 'none'),
    )
    .addOption(
      new Option('--report <form>', 'write the report to stdout, and no manifests')
        .choices(['table', 'json', 'yaml'])
        .conflicts('diff'),
    )
    .option('--diff', 'write what would change as a unified diff, for patch -p1 or git apply')
    .addHelpText('after', injectHelp)
    .action((paths: readonly string[], flags: InjectFlags) => found(...optionsOf(paths, flags)));
}

const injectDescription = [
  'Reads manifests and writes them to stdout with the agents that a cluster with otel-retrofit',
  'would inject into their pods. No cluster is asked. A report on stderr says who got what, and why',
  'others did not.\n\nPods, Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs, CronJobs and Argo',
  'Rollouts are read, alone or in a List, and Namespaces and Instrumentations from the same input.',
  'Everything else passes through; what is not changed keeps its very bytes.',
].join(' ');

const injectHelp = `
Exit codes:
  0   done: every language that was asked for was injected, or none was asked for
  1   a language that a workload asked for was refused; the rest is written all the same
  2   the input cannot be used; all that is wrong with it is on stderr, nothing on stdout
  64  the command line cannot be understood
  70  a fault of retrofit itself

In folders, files that end in .yaml, .yml or .json are read, hidden ones and
node_modules left out. Several files become one stream, separated by "---".

Examples:
  See what would happen, and why not elsewhere:
    $ retrofit inject --report table k8s/

  Look at the lines that would change:
    $ retrofit inject --diff k8s/

  Inject in a pipeline:
    $ kustomize build . | retrofit inject - | kubectl apply -f -
    $ helm template shop ./chart | retrofit inject -n shop - > shop.yaml

  Tell what lives in the cluster and not in Git:
    $ kubectl get instrumentations -A -o yaml > known.yaml
    $ retrofit inject --instrumentation known.yaml \\
        --namespace-annotations shop:instrumentation.opentelemetry.io/inject-java=true k8s/

  Stop a build whose workloads ask for what they cannot get:
    $ retrofit inject --report json k8s/ > report.json`;

function optionsOf(paths: readonly string[], flags: InjectFlags): [InjectOptions, View] {
  const options = {
    paths,
    namespace: flags.namespace,
    namespaceAnnotations: flags.namespaceAnnotations,
    instrumentationPaths: flags.instrumentation,
    disabled: flags.disable,
  };
  return [options, flags.diff === true ? 'diff' : (flags.report ?? 'manifests')];
}

const collect =
  <T>(read: (text: string) => T) =>
  (text: string, previous: readonly T[]): readonly T[] => [...previous, read(text)];

function readAnnotation(text: string): NamespaceAnnotation {
  const found = /^(?<namespace>[^:/=]+):(?<key>[^=:]+\/[^=]+)=(?<value>.*)$/s.exec(text)?.groups;
  const { namespace, key, value } = found ?? {};
  if (namespace === undefined || key === undefined || value === undefined) {
    throw new InvalidArgumentError(
      'Write <namespace>:<key>=<value>, the key in full, for example shop:instrumentation.opentelemetry.io/inject-java=true.',
    );
  }
  return { namespace, key, value };
}

function readLanguage(text: string): Language {
  const language = languages.find((one) => one === text);
  if (language !== undefined) return language;
  throw new InvalidArgumentError(`Write one of ${languages.join(', ')}.`);
}
