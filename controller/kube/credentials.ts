import type { RequestOptions } from 'node:https';
import { KubeConfig, type User } from '@kubernetes/client-node';
import type { JsonObject } from '../../domain/json.ts';
import { askPlugin, type Environment } from './exec.ts';
import { Fault, faultOf } from './fault.ts';
import type { Time } from './pace.ts';

/** What TLS needs to know of us and of the server; equal material means the same pool of connections. */
export interface Identity {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly identity: Identity;
}

/** Says who we are; `fresh` after a refusal, when what is known has been shown to be worthless. */
export type AskCredentials = (fresh: boolean) => Promise<Credentials>;

export interface KubeConfigChoice {
  /** A file; without one the usual places, and in a pod its ServiceAccount. */
  readonly file?: string | undefined;
  readonly context?: string | undefined;
}

export function readKubeConfig({ file, context }: KubeConfigChoice = {}): KubeConfig {
  const kubeConfig = new KubeConfig();
  try {
    if (file === undefined) kubeConfig.loadFromDefault();
    else kubeConfig.loadFromFile(file);
  } catch (error) {
    throw unavailable('the kubeconfig cannot be read', error);
  }
  if (context !== undefined) kubeConfig.setCurrentContext(context);
  if (!kubeConfig.getCurrentCluster()) throw unavailable('the context names no cluster');
  return kubeConfig;
}

interface Loaded extends Credentials {
  /** On the monotonic clock: files are read again then, since tokens and certificates rotate under us. */
  readonly staleAt: number;
  readonly expiresAt?: number | undefined;
}

const fileAgeMs = 30_000;
/** A token that ends while the request is under way is as good as none. */
const expirySkewMs = 60_000;

export function createCredentials(
  kubeConfig: KubeConfig,
  environment: Environment,
  time: Time,
): AskCredentials {
  let known: Loaded | undefined;
  let underWay: Promise<Loaded> | undefined;

  const isUsable = (loaded: Loaded) =>
    time.now() < loaded.staleAt &&
    (loaded.expiresAt === undefined || time.wall() < loaded.expiresAt - expirySkewMs);

  /** A file that is just being replaced must not stop us while what we have still serves. */
  async function loadOrKeep(fresh: boolean): Promise<Loaded> {
    try {
      known = await load(kubeConfig, environment, time);
      return known;
    } catch (error) {
      if (known && !fresh) return known;
      throw error;
    } finally {
      underWay = undefined;
    }
  }

  return async (fresh) => {
    if (known && !fresh && isUsable(known)) return known;
    underWay ??= loadOrKeep(fresh);
    return underWay;
  };
}

async function load(kubeConfig: KubeConfig, environment: Environment, time: Time): Promise<Loaded> {
  const user = kubeConfig.getCurrentUser();
  const plugin = pluginOf(user);
  const asked = plugin ? await askPlugin(plugin, environment) : undefined;
  const options = await optionsOf(kubeConfig, user);
  const given = (options.headers ?? {}) as Readonly<Record<string, string>>;
  return {
    headers: {
      ...trimmed(given),
      ...(options.auth ? { authorization: basic(options.auth) } : {}),
      ...(asked?.token ? { authorization: `Bearer ${asked.token}` } : {}),
    },
    identity: identityOf(options, asked),
    // A plugin may take seconds or open a browser: it is asked when its answer ends, not twice a minute.
    staleAt: plugin ? Number.POSITIVE_INFINITY : time.now() + fileAgeMs,
    expiresAt: asked?.expiresAt,
  };
}

function pluginOf(user: User | null): JsonObject | undefined {
  return (user?.exec ?? user?.authProvider?.config?.exec ?? undefined) as JsonObject | undefined;
}

/**
 * Asks a new copy of the configuration each time, because the library keeps tokens for a minute and
 * would give back the one that was just refused.
 */
async function optionsOf(kubeConfig: KubeConfig, user: User | null): Promise<RequestOptions> {
  const cluster = kubeConfig.getCurrentCluster();
  if (!cluster) throw unavailable('the context names no cluster');
  const copy = new KubeConfig();
  const plain = cluster.server.startsWith('http:');
  const { exec: _exec, authProvider, ...rest } = user ?? { name: '' };
  const provider = authProvider?.config?.exec ? undefined : authProvider;
  const { proxyUrl: _proxy, ...reached } = cluster;
  copy.loadFromClusterAndUser(
    { ...reached, skipTLSVerify: plain || cluster.skipTLSVerify },
    { ...rest, authProvider: provider },
  );
  const options: RequestOptions = {};
  try {
    await copy.applyToHTTPSOptions(options);
  } catch (error) {
    throw unavailable('a file or provider that the kubeconfig names failed', error);
  }
  return options;
}

function identityOf(
  { ca, cert, key, servername, rejectUnauthorized }: RequestOptions,
  asked: { readonly cert?: string | undefined; readonly key?: string | undefined } | undefined,
): Identity {
  const found = {
    ca: pem(ca),
    cert: asked?.cert ?? pem(cert),
    key: asked?.key ?? pem(key),
    servername,
    rejectUnauthorized,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** The library gives text or bytes, never one of the lists that TLS options would allow. */
const pem = (material: unknown): string | undefined =>
  typeof material === 'string' || Buffer.isBuffer(material) ? material.toString() : undefined;

/** Token files end with a newline more often than not, and a header may not. */
const trimmed = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.trim()]),
  );

const basic = (auth: string) => `Basic ${Buffer.from(auth).toString('base64')}`;

/** Only the code of what went wrong is kept: the text may quote a file that holds a key. */
const unavailable = (text: string, cause?: unknown) =>
  new Fault('CredentialsUnavailable', {
    text,
    reason: cause === undefined ? undefined : faultOf(cause).reason,
  });
