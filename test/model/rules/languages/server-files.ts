import { posix } from 'node:path';
import type { Container, Volume } from '../../case.ts';
import { filesVolume, isEmpty } from './init.ts';
import { agentSettings, type Request } from '../request.ts';

export const agentDirectory = '/opt/opentelemetry-webserver/agent';
export const staging = '/opt/opentelemetry-webserver/source-conf';
export const libraries = `${agentDirectory}/sdk_lib/lib`;
export const cloneName = 'otel-agent-source-container-clone';

/** What Apache and Nginx do alike, under names of their own. */
export interface Server {
  readonly language: 'apache-httpd' | 'nginx';
  readonly configVolume: string;
  readonly agentVolume: string;
  readonly attachName: string;
  readonly confVariable: string;
  readonly instanceVariable: string;
  /** Where the server looks for its configuration. */
  readonly directory: string;
  /** What the attaching script is told. */
  readonly argument: string;
  readonly clone: Pick<Container, 'command' | 'args'>;
}

export function serverOf(request: Request, language: Server['language']): Server {
  const { configPath, configFile } = agentSettings(request);
  if (language === 'nginx') return nginx(configFile || '/etc/nginx/nginx.conf');
  return apache((configPath || '/usr/local/apache2/conf').replace(/\/$/, ''));
}

const apache = (directory: string): Server => ({
  language: 'apache-httpd',
  configVolume: 'otel-apache-conf-dir',
  agentVolume: 'otel-apache-agent',
  attachName: 'otel-agent-attach-apache',
  confVariable: 'OTEL_APACHE_AGENT_CONF',
  instanceVariable: 'APACHE_SERVICE_INSTANCE_ID',
  directory,
  argument: directory,
  clone: { command: ['cp', '-r', `${directory}/.`, staging] },
});

const nginx = (file: string): Server => ({
  language: 'nginx',
  configVolume: 'otel-nginx-conf-dir',
  agentVolume: 'otel-nginx-agent',
  attachName: 'otel-agent-attach-nginx',
  confVariable: 'OTEL_NGINX_AGENT_CONF',
  instanceVariable: 'OTEL_NGINX_SERVICE_INSTANCE_ID',
  directory: directoryOf(file),
  argument: posix.basename(file) || '/',
  clone: { command: ['/bin/sh', '-c'], args: ['<script>', '--', directoryOf(file)] },
});

/** As Go has it: all before the last slash, so that a path that ends in one is its own directory. */
export const directoryOf = (file: string) =>
  posix.normalize(file.slice(0, file.lastIndexOf('/') + 1)).replace(/(?<=.)\/$/, '');

/** Nginx's are unlimited, whatever is said of them; Apache's follow the rules of all agents. */
export function volumesOf(
  request: Request,
  { language, configVolume, agentVolume }: Server,
): { readonly config: Volume; readonly agent: Volume } {
  const { volumeLimitSize, volumeClaimTemplate } = agentSettings(request);
  const config = (source: Omit<Volume, 'name'>) => ({ name: configVolume, ...source });
  const agent = (source: Omit<Volume, 'name'>) => ({ name: agentVolume, ...source });
  if (language === 'apache-httpd') {
    const sizeLimit = volumeLimitSize ?? '200Mi';
    return { config: config({ emptyDir: { sizeLimit } }), agent: agent(filesVolume(request)) };
  }
  const isSaid = volumeLimitSize !== undefined || !isEmpty(volumeClaimTemplate);
  if (!isSaid || !request.ours('nginx-volumes')) {
    return { config: config({ emptyDir: {} }), agent: agent({ emptyDir: {} }) };
  }
  const limited = {
    emptyDir: volumeLimitSize === undefined ? {} : { sizeLimit: volumeLimitSize },
  };
  return {
    config: config(limited),
    agent: agent(isEmpty(volumeClaimTemplate) ? limited : filesVolume(request)),
  };
}
