import type { Dice } from '../../support/dice.ts';
import type { Case, Settings, Texts, Volume } from '../case.ts';

type Twist = (one: Case) => Case;

const prefix = 'instrumentation.opentelemetry.io/';

const annotated =
  (annotations: Texts): Twist =>
  (one) => {
    const { metadata } = one.pod;
    const all = { ...metadata.annotations, ...annotations };
    return { ...one, pod: { ...one.pod, metadata: { ...metadata, annotations: all } } };
  };

const withVolume =
  (volume: Volume): Twist =>
  (one) => {
    const { spec } = one.pod;
    const others = (spec.volumes ?? []).filter(({ name }) => name !== volume.name);
    return { ...one, pod: { ...one.pod, spec: { ...spec, volumes: [...others, volume] } } };
  };

const withSettings =
  (settings: Settings): Twist =>
  (one) => ({
    ...one,
    instrumentations: one.instrumentations.map((instrumentation) => ({
      ...instrumentation,
      spec: { ...instrumentation.spec, ...settings },
    })),
  });

const all =
  (...twists: readonly Twist[]): Twist =>
  (one) =>
    twists.reduce((so, twist) => twist(so), one);

const go = annotated({
  [`${prefix}inject-go`]: 'true',
  [`${prefix}otel-go-auto-target-exe`]: '/x',
});
const certificates = {
  exporter: { endpoint: 'https://otel.obs:4318', tls: { secretName: 'cli' } },
};
const unusable = { spec: { resources: { requests: { storage: '1Gi' } } } };
const byChance = { configMapKeyRef: { name: 'c', key: 'k', optional: true } };

/** Situations for which too much would have to come together by chance. */
const twists: readonly [Twist, ...Twist[]] = [
  all(annotated({ [`${prefix}inject-go`]: 'ghost' }), (one) => ({ ...one, disabled: ['go'] })),
  all(go, annotated({ [`${prefix}go-container-names`]: 'nope' })),
  all(go, annotated({ [`${prefix}go-container-names`]: 'nope,app' })),
  all(go, withVolume({ name: 'kernel-debug', hostPath: { path: '/sys/kernel/debug' } })),
  all(go, withVolume({ name: 'kernel-debug', emptyDir: {} })),
  all(go, withSettings({ go: { volumeClaimTemplate: unusable } })),
  all(go, (one) => ({
    ...one,
    pod: { ...one.pod, spec: { ...one.pod.spec, hostPID: true } },
  })),
  all(go, (one) => ({
    ...one,
    pod: { ...one.pod, spec: { ...one.pod.spec, hostUsers: false } },
  })),
  all(
    withSettings(certificates),
    withVolume({ name: 'otel-auto-secret-cli', secret: { secretName: 'cli' } }),
  ),
  all(
    withSettings(certificates),
    withVolume({ name: 'otel-auto-secret-cli', secret: { secretName: 'other' } }),
  ),
  all(
    annotated({ [`${prefix}inject-nginx`]: 'true' }),
    withSettings({ nginx: { env: [{ name: 'LD_LIBRARY_PATH', valueFrom: byChance }] } }),
  ),
  all(
    annotated({ [`${prefix}inject-java`]: 'true' }),
    withSettings({ java: { env: [{ name: 'JAVA_TOOL_OPTIONS', valueFrom: byChance }] } }),
  ),
];

export const twist = (one: Case, dice: Dice): Case =>
  dice.chance(0.2) ? dice.pick(twists)(one) : one;
