import { call, type Ground } from './ground.ts';

/** What a person does with a line of advice: copies the commands that begin so, and runs each of them. */
export async function obey(ground: Ground, advice: string, verb: Verb): Promise<void> {
  const commands = [...advice.matchAll(/`(?<command>kubectl [^`]+)`/g)]
    .map(({ groups }) => groups?.['command'] ?? '')
    .filter((command) => command.startsWith(`kubectl ${verb} `));
  if (commands.length === 0) throw new Error(`nothing tells to ${verb}: ${advice}`);
  for (const command of commands) await run(ground, command);
}

export type Verb = 'annotate' | 'patch';

/** As the call that kubectl makes of it. */
async function run(ground: Ground, command: string): Promise<void> {
  const whole = await substituted(ground, command);
  const [, verb, kind = '', name = '', namespace = '', rest = ''] = form.exec(whole) ?? [];
  const said = verb === 'patch' ? /^-p '(?<said>.*)'$/.exec(rest) : annotating.exec(rest);
  if (said === null) throw new Error(`kubectl would not understand ${whole}`);
  const { key = '', value = '', said: patch = '' } = said.groups ?? {};
  const body =
    verb === 'patch' ? patch : JSON.stringify({ metadata: { annotations: { [key]: value } } });
  await call(ground, 'PATCH', pathOf(kind, namespace, name), JSON.parse(body) as object);
}

const form = /^kubectl (annotate|patch) (\w+)[ /]([\w.-]+) -n ([\w-]+) (.*)$/;
const annotating = /^(?<key>[\w./-]+)=(?<value>\S*) --overwrite$/;

/** A command in a command, as a shell runs it: it asks for one value. */
async function substituted(ground: Ground, command: string): Promise<string> {
  const found = /\$\(kubectl get (\w+) ([\w.-]+) -n ([\w-]+) -o jsonpath=\{\.([\w.]+)\}\)/.exec(
    command,
  );
  if (found === null) return command;
  const [inner, kind = '', name = '', namespace = '', path = ''] = found;
  const object = await call<unknown>(ground, 'GET', pathOf(kind, namespace, name));
  const value = path.split('.').reduce<unknown>(memberOf, object);
  return command.replace(inner, typeof value === 'string' ? value : '');
}

const memberOf = (object: unknown, key: string): unknown =>
  typeof object === 'object' && object !== null ? Reflect.get(object, key) : undefined;

const groups: Readonly<Record<string, string>> = {
  instrumentation: 'opentelemetry.io/v1alpha1',
  deployment: 'apps/v1',
  statefulset: 'apps/v1',
  daemonset: 'apps/v1',
};

function pathOf(kind: string, namespace: string, name: string): string {
  const group = groups[kind];
  if (group === undefined) throw new Error(`the server has no resource type "${kind}"`);
  return `/apis/${group}/namespaces/${namespace}/${kind}s/${name}`;
}
