import type { Case, Container } from '../case.ts';
import type { Ours } from '../rows.ts';

const nodeName = 'OTEL_RESOURCE_ATTRIBUTES_NODE_NAME';

/** Pods that nothing is done to: those that look as if it had been done already. */
export function isLeftAlone({ pod }: Case, ours: Ours): boolean {
  const { annotations = {} } = pod.metadata;
  const isMirror = (annotations['kubernetes.io/config.mirror'] ?? '') !== '';
  if (isMirror && ours('static-pods')) return true;
  const { containers, initContainers = [] } = pod.spec;
  const theirs = looksInjected(containers, initContainers);
  const isStamped = /^v1\.[0-9a-f]{16}\.[0-9a-f]{16}$/.test(
    annotations['otel-retrofit.dev/injected'] ?? '',
  );
  const mine = isInjected(containers, initContainers, isStamped);
  return theirs !== mine && ours('already-injected') ? mine : theirs;
}

const byInitContainer = new Set([
  'opentelemetry-auto-instrumentation-java',
  'opentelemetry-auto-instrumentation-nodejs',
  'opentelemetry-auto-instrumentation-python',
  'opentelemetry-auto-instrumentation-dotnet',
  'otel-agent-attach-apache',
  'otel-agent-source-container-clone',
]);

const isGo = ({ name }: Container) => name === 'opentelemetry-auto-instrumentation';
const isCollector = ({ name }: Container) => name === 'otc-container';

const looksInjected = (containers: readonly Container[], init: readonly Container[]) =>
  init.some(({ name }) => byInitContainer.has(name)) ||
  containers.some(isGo) ||
  containers.some(
    (one) => !isCollector(one) && (one.env ?? []).some(({ name }) => name === nodeName),
  );

/** Our way: what counts is where the variable comes from, and the address beside it. */
function isInjected(
  containers: readonly Container[],
  init: readonly Container[],
  isStamped: boolean,
): boolean {
  const all = [...containers, ...init];
  if (isStamped && all.some(hasAddress)) return true;
  return (
    init.some(({ name }) => byInitContainer.has(name) || name === 'otel-agent-attach-nginx') ||
    containers.some(isGo) ||
    all.some((one) => !isCollector(one) && hasAddress(one) && reads(one, nodeName, 'spec.nodeName'))
  );
}

const hasAddress = (one: Container) =>
  reads(one, 'OTEL_NODE_IP', 'status.hostIP') || reads(one, 'OTEL_POD_IP', 'status.podIP');

const reads = ({ env = [] }: Container, variable: string, path: string) =>
  env.some(
    ({ name, valueFrom }) => name === variable && valueFrom?.['fieldRef']?.['fieldPath'] === path,
  );
