import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Where a control plane comes from. */
export type Source =
  | { readonly kind: 'existing'; readonly kubeconfig: string; readonly kubectl: string }
  | ({ readonly kind: 'programs' } & Binaries)
  | { readonly kind: 'missing'; readonly remedy: string };

export interface Binaries {
  readonly directory: string;
  readonly etcd: string;
  readonly apiServer: string;
  /** The archives of KUBEBUILDER_ASSETS do not carry it: only the API half of the suites runs there. */
  readonly controllerManager?: string;
  readonly kubectl: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const remedy =
  'No control plane to test with: run `npm run test:cluster` (Go 1.26 or newer builds one), set ' +
  'KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver, or RETROFIT_KUBECONFIG to the ' +
  'kubeconfig of a cluster you can spare.';

/** Looks for a control plane, and never builds one: seven minutes must not come as a surprise. */
export async function findSource(env: Environment): Promise<Source> {
  const kubeconfig = env['RETROFIT_KUBECONFIG'];
  if (kubeconfig) return { kind: 'existing', kubeconfig, kubectl: kubectlOf(env) };
  const assets = env['KUBEBUILDER_ASSETS'];
  if (assets) return programsIn(assets) ?? { kind: 'missing', remedy: lacking(assets) };
  return cached(env, await goVersion(env)) ?? { kind: 'missing', remedy };
}

const kubectlOf = (env: Environment) => cached(env, undefined)?.kubectl ?? 'kubectl';

const lacking = (assets: string) =>
  `KUBEBUILDER_ASSETS is ${assets}, which lacks etcd or kube-apiserver: put both there, or unset it.`;

function programsIn(directory: string): ({ kind: 'programs' } & Binaries) | undefined {
  const path = (name: string) => join(directory, name);
  if (!existsSync(path('etcd')) || !existsSync(path('kube-apiserver'))) return undefined;
  const controllerManager = path('kube-controller-manager');
  return {
    kind: 'programs',
    directory,
    etcd: path('etcd'),
    apiServer: path('kube-apiserver'),
    ...(existsSync(controllerManager) ? { controllerManager } : {}),
    kubectl: existsSync(path('kubectl')) ? path('kubectl') : 'kubectl',
  };
}

/** Without Go the version cannot be asked for: then any build of these very modules will do. */
function cached(env: Environment, go: string | undefined) {
  if (go !== undefined) return programsIn(join(cacheFor(env, go), 'bin'));
  const home = homeOf(env);
  if (!existsSync(home)) return undefined;
  const names = readdirSync(home).filter((name) => name.startsWith(keyOf('')));
  return names.map((name) => programsIn(join(home, name, 'bin'))).find(Boolean);
}

/** Where builds for this Go are kept; what comes from other modules lies in another folder. */
export const cacheFor = (env: Environment, go: string) => join(homeOf(env), keyOf(go));

/** Such as `go1.26.8`, or nothing where there is no Go. */
export async function goVersion(env: Environment): Promise<string | undefined> {
  try {
    const answer = await promisify(execFile)('go', ['env', 'GOVERSION'], {
      env: goEnvironment(env),
    });
    return answer.stdout.trim();
  } catch {
    return undefined;
  }
}

/** The same bytes from the same modules, whatever the machine has set for its own builds. */
export const goEnvironment = (env: Environment) => ({
  ...env,
  GOFLAGS: '-mod=readonly -buildvcs=false -trimpath',
  GOTOOLCHAIN: 'local',
  GOWORK: 'off',
  CGO_ENABLED: '0',
});

const homeOf = (env: Environment) =>
  env['RETROFIT_CACHE']
    ? join(env['RETROFIT_CACHE'], 'control-plane')
    : join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'otel-retrofit', 'control-plane');

function keyOf(go: string): string {
  const sums = readFileSync(join(import.meta.dirname, 'go.sum'));
  return `${createHash('sha256').update(sums).digest('hex').slice(0, 16)}-${go}`;
}
