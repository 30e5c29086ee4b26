import { execFile } from 'node:child_process';
import { isObject, listAt, objectAt, textAt, type JsonObject } from '../../domain/json.ts';
import { Fault } from './fault.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface PluginCredential {
  readonly token: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** On the wall clock, since that is how a plugin says it. */
  readonly expiresAt: number | undefined;
}

const pluginLimitMs = 30_000;

/**
 * Runs the credential plugin of a kubeconfig. Our own rather than the library's, which starts one
 * plugin for each call that waits, keeps a token to its last second, and would give the refused
 * token again after a 401.
 */
export async function askPlugin(
  plugin: JsonObject,
  environment: Environment,
): Promise<PluginCredential> {
  const command = textAt(plugin, 'command');
  if (!command) throw unavailable('the plugin has no command');
  const said = await outputOf(command, argumentsOf(plugin), {
    ...environment,
    ...variablesOf(plugin),
    KUBERNETES_EXEC_INFO: JSON.stringify({
      kind: 'ExecCredential',
      apiVersion: textAt(plugin, 'apiVersion') ?? 'client.authentication.k8s.io/v1',
      spec: { interactive: false },
    }),
  });
  return credentialIn(said);
}

/** What a plugin prints may be a secret, on either stream: only its exit is told. */
function outputOf(command: string, args: readonly string[], env: Environment): Promise<string> {
  const limits = { env, timeout: pluginLimitMs, maxBuffer: 1024 * 1024, windowsHide: true };
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, limits, (error, stdout) => {
      if (error) reject(unavailable(`the plugin failed: ${error.code ?? error.signal ?? ''}`));
      else resolve(stdout);
    });
    child.stdin?.on('error', () => undefined).end();
  });
}

function credentialIn(said: string): PluginCredential {
  const status = statusIn(said);
  const token = status && textAt(status, 'token');
  const cert = status && textAt(status, 'clientCertificateData');
  if (!status || (!token && !cert)) throw unavailable('the plugin printed no ExecCredential');
  const expiresAt = Date.parse(textAt(status, 'expirationTimestamp') ?? '');
  return {
    token,
    cert,
    key: textAt(status, 'clientKeyData'),
    expiresAt: Number.isNaN(expiresAt) ? undefined : expiresAt,
  };
}

function statusIn(said: string): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(said);
    return isObject(parsed) ? objectAt(parsed, 'status') : undefined;
  } catch {
    return undefined;
  }
}

const argumentsOf = (plugin: JsonObject): readonly string[] =>
  (listAt(plugin, 'args') ?? []).filter((arg) => typeof arg === 'string');

function variablesOf(plugin: JsonObject): Environment {
  const pairs = (listAt(plugin, 'env') ?? []).filter((pair) => isObject(pair));
  return Object.fromEntries(
    pairs.map((pair) => [textAt(pair, 'name') ?? '', textAt(pair, 'value') ?? '']),
  );
}

const unavailable = (text: string) => new Fault('CredentialsUnavailable', { text });
