import type { ExecutionContext } from 'ava';
import type { Pod } from '../../../sandbox/kubelet/pod/shapes.ts';
import { until } from '../../cluster/until.ts';
import { processesWith } from '../stage/left.ts';
import { isReady, serverTemplate, type Stage } from '../stage/stage.ts';
import { ask } from '../stage/traffic.ts';

interface State {
  readonly waiting?: { readonly reason: string; readonly message?: string };
  readonly running?: object;
  readonly terminated?: { readonly exitCode: number; readonly reason: string };
}

interface Told {
  readonly restartCount: number;
  readonly ready: boolean;
  readonly state: State;
  readonly lastState: State;
}

type Known = Pod & { readonly status: { readonly containerStatuses?: readonly Told[] } };
type Story = (t: ExecutionContext, stage: Stage, namespace: string) => Promise<void>;

async function awaitPod(
  { api }: Stage,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  what: string,
  holds: (pod: Known, container: Told) => boolean,
): Promise<Known> {
  let seen: Known | undefined;
  try {
    return await until(
      async () => {
        const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
        const { code, body } = await api.call<Known>('GET', path);
        if (code !== 200) return false;
        seen = body;
        const [container] = body.status.containerStatuses ?? [];
        return container !== undefined && holds(body, container) && body;
      },
      { what: `pod ${name} ${what}` },
    );
  } catch (error) {
    throw new Error(JSON.stringify(seen?.status, undefined, 1), { cause: error });
  }
}

const makePod = (stage: Stage, namespace: string, name: string, spec: object) =>
  stage.make(`/api/v1/namespaces/${namespace}/pods`, { metadata: { name }, spec });

const shell = (script: string, more: object = {}) => ({
  name: 'shell',
  image: 'shell',
  command: ['sh', '-c', script],
  ...more,
});

async function logOf({ api }: Stage, namespace: string, name: string, query = '') {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/log${query}`;
  return (await api.call<string>('GET', path)).body;
}

const tales: Readonly<Record<string, Story>> = {
  async 'an agent that an init container copies is loaded by the process behind it'(
    t,
    stage,
    namespace,
  ) {
    await stage.make(`/api/v1/namespaces/${namespace}/configmaps`, {
      metadata: { name: 'greeting' },
      data: { text: 'good day', AGENT_SUFFIX: 'v1' },
    });
    const { spec } = serverTemplate('app', 'one');
    const mounts = [
      { name: 'agent', mountPath: '/otel-auto-instrumentation-nodejs' },
      { name: 'greeting', mountPath: '/config' },
    ];
    const env = [
      { name: 'NODE_OPTIONS', value: '--require /otel-auto-instrumentation-nodejs/register.cjs' },
      { name: 'AGENT_TEXT', value: '$(POD_NAME)-$(AGENT_SUFFIX)' },
      { name: 'FILE', value: '/config/text' },
    ];
    const containers = spec.containers.map((one) => ({
      ...one,
      volumeMounts: mounts,
      env: [...one.env, ...env],
      envFrom: [{ configMapRef: { name: 'greeting' } }],
    }));
    await makePod(stage, namespace, 'injected', {
      ...spec,
      volumes: [
        { name: 'agent', emptyDir: { sizeLimit: '200Mi' } },
        { name: 'greeting', configMap: { name: 'greeting' } },
      ],
      initContainers: [
        {
          name: 'agent',
          image: 'agent:1.2.3',
          command: ['cp', '-r', '/autoinstrumentation/.', '/otel-auto-instrumentation-nodejs'],
          volumeMounts: mounts.slice(0, 1),
        },
      ],
      containers,
    });
    const pod = { namespace, name: 'injected' };
    await awaitPod(stage, pod, 'is ready', isReady);
    t.deepEqual(await ask(String(stage.addressOf(pod))), {
      version: 'one',
      pod: 'injected',
      text: 'good day',
      agent: 'injected-v1',
    });
    t.true((await logOf(stage, namespace, 'injected')).includes('listening injected'));
  },

  async 'a container that fails is restarted, each time later'(t, stage, namespace) {
    await makePod(stage, namespace, 'crashing', {
      containers: [shell('echo again; exit 3')],
    });
    const pod = { namespace, name: 'crashing' };
    const { status } = await awaitPod(
      stage,
      pod,
      'is in a crash loop',
      (_, { state, restartCount }) =>
        state.waiting?.reason === 'CrashLoopBackOff' && restartCount >= 2,
    );
    t.is(status.phase, 'Running');
    t.like(status.containerStatuses?.[0]?.lastState.terminated, {
      exitCode: 3,
      reason: 'Error',
    });
    t.is(await logOf(stage, namespace, 'crashing', '?previous=true'), 'again\n');
  },

  async 'a container waits for the ConfigMap it refers to'(t, stage, namespace) {
    const ref = { configMapKeyRef: { name: 'late', key: 'word' } };
    await makePod(stage, namespace, 'waiting', {
      containers: [shell('echo $WORD; exec sleep 60', { env: [{ name: 'WORD', valueFrom: ref }] })],
      terminationGracePeriodSeconds: 1,
    });
    const pod = { namespace, name: 'waiting' };
    const before = await awaitPod(
      stage,
      pod,
      'waits',
      (_, { state }) => state.waiting?.reason === 'CreateContainerConfigError',
    );
    t.is(
      before.status.containerStatuses?.[0]?.state.waiting?.message,
      'configmap "late" not found',
    );
    t.is(before.status.phase, 'Pending');
    await stage.make(`/api/v1/namespaces/${namespace}/configmaps`, {
      metadata: { name: 'late' },
      data: { word: 'hello' },
    });
    await awaitPod(stage, pod, 'is ready', isReady);
    await until(async () => (await logOf(stage, namespace, 'waiting')) === 'hello\n', {
      what: 'it says the word',
    });
  },

  async 'a pod with an unknown image stays pending'(t, stage, namespace) {
    await makePod(stage, namespace, 'unknown', { containers: [{ name: 'a', image: 'nowhere:1' }] });
    const { status } = await awaitPod(
      stage,
      { namespace, name: 'unknown' },
      'says so',
      (_, { state }) => state.waiting?.reason === 'ImagePullBackOff',
    );
    t.is(status.phase, 'Pending');
  },

  async 'a pod that has run its course succeeds, and its sidecar ends'(t, stage, namespace) {
    await makePod(stage, namespace, 'once', {
      terminationGracePeriodSeconds: 1,
      restartPolicy: 'Never',
      initContainers: [
        {
          ...shell('echo up > /shared/flag; exec sleep 60'),
          name: 'side',
          restartPolicy: 'Always',
          volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
          startupProbe: { exec: { command: ['test', '-e', '/shared/flag'] }, periodSeconds: 1 },
        },
      ],
      containers: [
        shell('cat /shared/flag', { volumeMounts: [{ name: 'shared', mountPath: '/shared' }] }),
      ],
      volumes: [{ name: 'shared', emptyDir: {} }],
    });
    const pod = await awaitPod(
      stage,
      { namespace, name: 'once' },
      'succeeds',
      ({ status }) => status.phase === 'Succeeded',
    );
    t.is(await logOf(stage, namespace, 'once', '?container=shell'), 'up\n');
    const [side] = (pod.status as unknown as { initContainerStatuses: readonly Told[] })
      .initContainerStatuses;
    t.not(side?.state.terminated, undefined);
  },

  async 'a pod whose init container fails for good has failed'(t, stage, namespace) {
    await makePod(stage, namespace, 'hopeless', {
      restartPolicy: 'Never',
      initContainers: [{ ...shell('exit 1'), name: 'first' }],
      containers: [shell('sleep 60')],
    });
    const { status } = await awaitPod(
      stage,
      { namespace, name: 'hopeless' },
      'fails',
      (pod) => pod.status.phase === 'Failed',
    );
    t.is(status.conditions?.find(({ type }) => type === 'Initialized')?.status, 'False');
  },

  async 'a container that is no longer alive is restarted'(t, stage, namespace) {
    const script = `
      if [ -e /state/again ]; then rm -f /state/ill; else touch /state/again /state/ill; fi
      trap 'exit 5' TERM
      while :; do sleep 0.1; done`;
    await makePod(stage, namespace, 'fading', {
      terminationGracePeriodSeconds: 5,
      volumes: [{ name: 'state', emptyDir: {} }],
      containers: [
        shell(script, {
          volumeMounts: [{ name: 'state', mountPath: '/state' }],
          livenessProbe: {
            exec: { command: ['sh', '-c', '! test -e /state/ill'] },
            initialDelaySeconds: 1,
            periodSeconds: 1,
            failureThreshold: 1,
          },
        }),
      ],
    });
    const pod = { namespace, name: 'fading' };
    const { status } = await awaitPod(stage, pod, 'restarts', (_, told) => told.restartCount === 1);
    t.is(status.containerStatuses?.[0]?.lastState.terminated?.exitCode, 5);
    await awaitPod(stage, pod, 'is ready', isReady);
  },

  async 'a process that does not listen is killed after the grace period, with its children'(
    t,
    stage,
    namespace,
  ) {
    const mark = `stubborn-in-${namespace}`;
    const script =
      "trap '' TERM; sh -c 'while :; do sleep 1; done' & echo up; while :; do sleep 1; done";
    await makePod(stage, namespace, 'stubborn', {
      terminationGracePeriodSeconds: 1,
      containers: [shell(script, { env: [{ name: 'MARK', value: mark }] })],
    });
    const pod = { namespace, name: 'stubborn' };
    await awaitPod(stage, pod, 'is ready', isReady);
    await until(async () => (await logOf(stage, namespace, 'stubborn')) === 'up\n', {
      what: 'it has stopped its ears',
    });
    t.not(processesWith(mark).length, 0);
    const path = `/api/v1/namespaces/${namespace}/pods/stubborn`;
    const deletedAt = performance.now();
    await stage.api.call('DELETE', path);
    await until(async () => (await stage.api.call('GET', path)).code === 404, {
      what: 'it is gone',
    });
    t.true(performance.now() - deletedAt > 900);
    t.deepEqual(processesWith(mark), []);
  },

  async 'conditions of others are left alone'(t, stage, namespace) {
    await makePod(stage, namespace, 'shared', {
      volumes: [{ name: 'later', configMap: { name: 'later' } }],
      containers: [
        shell('exec sleep 60', { volumeMounts: [{ name: 'later', mountPath: '/later' }] }),
      ],
      terminationGracePeriodSeconds: 1,
    });
    const pod = { namespace, name: 'shared' };
    await awaitPod(stage, pod, 'waits', ({ status }) => status.phase === 'Pending');
    const condition = { type: 'example.com/open', status: 'True' };
    const path = `/api/v1/namespaces/${namespace}/pods/shared/status`;
    await stage.api.call(
      'PATCH',
      path,
      { status: { conditions: [condition] } },
      { type: 'application/strategic-merge-patch+json' },
    );
    await stage.make(`/api/v1/namespaces/${namespace}/configmaps`, { metadata: { name: 'later' } });
    const { status } = await awaitPod(stage, pod, 'is ready', isReady);
    t.like(
      status.conditions?.find(({ type }) => type === 'example.com/open'),
      condition,
    );
  },
};

/** Each story by its title, told in a namespace of its own. */
export const stories = Object.entries(tales).map(([title, tell], index) => {
  const tellThere = async (t: ExecutionContext, stage: Stage) => {
    const namespace = `story-${index}`;
    await stage.createNamespace(namespace);
    await tell(t, stage, namespace);
  };
  return [title, tellThere] as const;
});
