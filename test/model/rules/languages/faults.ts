import { posix } from 'node:path';
import type { AgentSettings, EnvVar, Fields, Resources, Settings } from '../../case.ts';
import { isEmpty, worth } from './init.ts';
import { agentSettings, type Request } from '../request.ts';
import { directoryOf } from './server-files.ts';

/** Whether a pod with the language's settings would be one that the API server refuses. */
export function hasFaults(request: Request): boolean {
  const { settings, language } = request;
  const agent = agentSettings(request);
  const takesPolicy = language !== 'sdk';
  const takesContext = takesPolicy && language !== 'go';
  const resources = (language === 'java' ? agent.resources : agent.resourceRequirements) ?? {};
  return (
    [...(settings.env ?? []), ...(agent.env ?? [])].some(isFaulty) ||
    (takesPolicy && !isPolicy(settings)) ||
    (takesContext && isContradictory(settings.initContainerSecurityContext)) ||
    isContradictory(agent.securityContext) ||
    isBlank(agent) ||
    exceeds(resources) ||
    (language !== 'go' && isUnusable(agent.volumeClaimTemplate)) ||
    !isBelowRoot(agent.configPath || '/usr/local/apache2/conf') ||
    !isFile(agent.configFile || '/etc/nginx/nginx.conf')
  );
}

const isFaulty = ({ name, value = '', valueFrom }: EnvVar) =>
  !/^[\x20-\x7e]+$/.test(name) ||
  name.includes('=') ||
  (value !== '' && valueFrom !== undefined) ||
  valueFrom?.['fileKeyRef'] !== undefined;

const isPolicy = ({ imagePullPolicy = 'Always' }: Settings) =>
  ['Always', 'IfNotPresent', 'Never'].includes(imagePullPolicy);

const isContradictory = (context: Fields = {}) =>
  context['allowPrivilegeEscalation'] === false && context['privileged'] === true;

const isBlank = ({ image = '' }: AgentSettings) => image.trim() !== image;

const exceeds = ({ limits = {}, requests = {}, claims = [] }: Resources) =>
  claims.length > 0 ||
  Object.entries(requests).some(
    ([name, amount]) => limits[name] !== undefined && worth(amount) > worth(limits[name]),
  );

/** A claim needs modes of access and a size, and a block device holds no files. */
function isUnusable(template: Fields | undefined): boolean {
  if (isEmpty(template)) return false;
  const { accessModes, resources, volumeMode } = (template?.['spec'] ?? {}) as Fields;
  const requests = ((resources ?? {}) as Fields)['requests'] as Fields | undefined;
  return accessModes === undefined || requests?.['storage'] === undefined || volumeMode === 'Block';
}

const isFile = (path: string) =>
  isBelowRoot(directoryOf(path)) && !['', '.', '..'].includes(path.split('/').at(-1) ?? '');

const isBelowRoot = (path: string) =>
  path.startsWith('/') && posix.normalize(path).replaceAll('/', '') !== '';
