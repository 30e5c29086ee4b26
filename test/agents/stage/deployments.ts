import { annotations } from '../../../crds/names.ts';
import type { App, AppName } from './apps.ts';

export const container = 'server';
export const version = '1.4.2';

/** Its pods are injected like any other; its program does not see the variable that wakes the agent. */
export const twinOf = (name: AppName) => `${name}-deaf`;

export interface Variable {
  readonly name: string;
  readonly value: string;
}

/** The service, and its twin where one is wanted. */
export function deploymentsOf(app: App, env: readonly Variable[], withTwin: boolean) {
  const { name, variable, command } = app;
  const own = deploymentOf(app, { name, command, env });
  const deaf = { name: twinOf(name), command: ['env', '-u', variable, ...command], env };
  return withTwin ? [own, deploymentOf(app, deaf)] : [own];
}

interface Ordered {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: readonly Variable[];
}

const deploymentOf = (app: App, { name, command, env }: Ordered) => ({
  metadata: { name },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: {
        labels: { app: name },
        annotations: { [annotations.inject(app.language)]: 'true', ...hintOf(app) },
      },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: container,
            image: `shop/${app.name}:${version}`,
            command,
            ports: [{ name: 'http', containerPort: 8080 }],
            ...environmentOf(app, [{ name: 'PORT', value: '8080' }, ...env]),
            readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 1 },
          },
        ],
      },
    },
  },
});

/** Three ways by which a program may have come by its own value of the variable before. */
function environmentOf({ name, variable, own, source }: App, env: readonly Variable[]) {
  if (source === 'configmaps') return { env, envFrom: [{ configMapRef: { name } }] };
  if (source === 'none') return { env: [...env, { name: variable, value: own }] };
  const valueFrom = { secretKeyRef: { name, key: variable } };
  return { env: [...env, { name: variable, valueFrom }] };
}

/** What lies in a ConfigMap is seen by nobody but the kubelet: so its owner has to say so. */
const hintOf = ({ source, variable }: App) =>
  source === 'configmaps' ? { [annotations.joinEnv]: variable } : {};
