import type { Dice } from '../../support/dice.ts';
import type { Case, Container, Fields, PodSpec } from '../case.ts';
import { randomAnnotations } from './annotations.ts';
import { randomContainer, randomInitContainer, randomVolumes, strangers } from './containers.ts';
import { configMaps, randomInstrumentation, secrets } from './instrumentations.ts';
import { toTheEdge } from './edges.ts';
import { oddly } from './oddities.ts';
import { randomOwners } from './owners.ts';
import { twist } from './twists.ts';

/** A case in which each rule has something to do every now and then. */
export function generate(dice: Dice): Case {
  const name = dice.pick(['shop', 'web']);
  const spec = randomSpec(dice);
  const names = {
    containers: namesOf(spec.containers),
    initContainers: namesOf(spec.initContainers ?? []),
  };
  const annotations = randomAnnotations(names, dice);
  const { metadata, labels, makers } = randomOwners(dice);
  const here = dice.pick<readonly string[]>(populations);
  const one: Case = {
    namespace: {
      name,
      annotations: annotations.namespace,
      labels: dice.chance(0.08) ? { [enforced]: dice.pick(['baseline', 'restricted']) } : {},
    },
    pod: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, namespace: name, labels, annotations: annotations.pod },
      spec,
    },
    instrumentations: [
      ...here.map((own) => randomInstrumentation(name, own, dice)),
      randomInstrumentation('obs', 'shared', dice),
    ],
    makers,
    missing: ['Secret/gone', 'ConfigMap/gone', ...randomlyMissing(dice)],
    disabled: dice.chance(0.1) ? dice.some(['go', 'nginx', 'java'], 0.6) : [],
    isMultiOff: dice.chance(0.05),
  };
  return toTheEdge(oddly(twist(one, dice), dice), dice);
}

/** The Instrumentations of the pod's namespace; one is usual, and the only case that "true" fits. */
const populations = [['one'], ['one'], ['one'], ['one'], ['one'], ['one', 'two'], []] as const;

const enforced = 'pod-security.kubernetes.io/enforce';

const namesOf = (containers: readonly Container[]) => containers.map(({ name }) => name);

const randomlyMissing = (dice: Dice) =>
  dice.some(
    [...secrets.map((one) => `Secret/${one}`), ...configMaps.map((one) => `ConfigMap/${one}`)],
    0.05,
  );

const isGo = ({ name }: Container) => name === 'opentelemetry-auto-instrumentation';

function randomSpec(dice: Dice): PodSpec {
  const volumes = randomVolumes(dice);
  const chosen = dice.some(['app', 'web', 'worker', 'api2'], 0.45);
  const names = [
    ...(dice.chance(0.08) ? [dice.pick(['istio-proxy', 'otc-container'])] : []),
    ...(chosen.length > 0 ? chosen : ['app']),
  ];
  const initNames = dice.some(['migrate', 'wait', 'prep', 'i4', 'i5'], dice.pick([0.05, 0.1, 0.6]));
  const odd = strangers(dice);
  const initContainers = [
    ...initNames.map((name) => randomInitContainer(name, volumes, dice)),
    ...odd.filter((one) => !isGo(one)),
  ];
  return {
    containers: [...names.map((name) => randomContainer(name, volumes, dice)), ...odd.filter(isGo)],
    ...(initContainers.length > 0 ? { initContainers } : {}),
    ...(volumes.length > 0 ? { volumes } : {}),
    ...(dice.chance(0.06) ? { nodeName: 'node-1' } : {}),
    ...(dice.chance(0.08) ? dice.pick<Partial<PodSpec>>(sharings) : {}),
    ...(dice.chance(0.15) ? { securityContext: dice.pick<Fields>(contexts) } : {}),
    ...(dice.chance(0.03) ? { resources: { limits: { cpu: '4', memory: '8Gi' } } } : {}),
    ...(dice.chance(0.015) ? dice.pick<Partial<PodSpec>>(systems) : {}),
  };
}

const sharings = [
  { hostPID: true },
  { hostPID: true, shareProcessNamespace: false },
  { shareProcessNamespace: true },
  { shareProcessNamespace: false },
] as const;

const contexts = [
  { runAsNonRoot: true },
  { runAsNonRoot: true, runAsUser: 5 },
  { fsGroup: 2 },
] as const;

const systems = [
  { os: { name: 'windows' } },
  { nodeSelector: { 'kubernetes.io/os': 'windows' } },
] as const;
