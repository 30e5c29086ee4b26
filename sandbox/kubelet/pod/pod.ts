import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Api } from '../../api.ts';
import { ContainerRun, type Preparation } from './container.ts';
import { environmentOf, expand } from './environment.ts';
import { freePort, portOf, withPorts } from './ports.ts';
import { pauseUnless } from './probes.ts';
import type { Keeper } from './programs.ts';
import { finishDeletion, openReport } from './report.ts';
import { systemPath, type Furnish } from './rooms.ts';
import type { Container, Facts, Pod, PodView, Values } from './shapes.ts';
import { statusOf } from './status.ts';
import { fillVolume, sourcesOf } from './volumes.ts';

export interface Image {
  /** What the image holds at `/`. */
  readonly directory: string;
  readonly command: readonly string[];
  readonly env?: Values;
}

/** What the pods of a node share. */
export interface Node {
  readonly api: Api;
  readonly keeper: Keeper;
  readonly images: Readonly<Record<string, Image>>;
  readonly directory: string;
  readonly backOffMs: number;
  readonly furnish: Furnish;
}

const lookAgainMs = 200;

/** One pod as processes, from its first container to its last breath. */
export class PodRun implements PodView {
  pod: Pod;
  readonly facts: Facts;
  readonly containers: readonly ContainerRun[];
  readonly ports = new Map<number, number>();
  isInitialized = false;
  isOver = false;
  readonly #node: Node;
  readonly #home: string;
  readonly #volumes = new Map<string, string>();
  readonly #graceMs: number;
  readonly #end = new AbortController();
  readonly #gone = new AbortController();
  readonly #report: () => Promise<void>;

  constructor(pod: Pod, facts: Facts, node: Node) {
    this.pod = pod;
    this.facts = facts;
    this.#node = node;
    this.#home = join(node.directory, pod.metadata.uid);
    const { initContainers = [], containers, terminationGracePeriodSeconds = 30 } = pod.spec;
    this.#graceMs = terminationGracePeriodSeconds * 1000;
    this.containers = [
      ...initContainers.map((one) =>
        this.#contain(one, one.restartPolicy === 'Always' ? 'sidecar' : 'init'),
      ),
      ...containers.map((one) => this.#contain(one, 'main')),
    ];
    this.#report = openReport(node.api, {
      pod: () => this.pod,
      isGone: () => this.#gone.signal.aborted,
      status: (known) => statusOf(this, known, new Date()),
    });
  }

  async live(): Promise<void> {
    void this.#report();
    await this.#settle();
    for (const container of this.containers.filter(({ role }) => role !== 'main')) {
      if (this.#end.signal.aborted) return;
      const run = container.run();
      if (container.role === 'sidecar') await container.firstStart();
      else if (!(await run)) return;
    }
    this.isInitialized = true;
    const mains = this.containers.filter(({ role }) => role === 'main');
    await Promise.all(mains.map((container) => container.run()));
    if (this.#end.signal.aborted) return;
    await this.#stop(this.#graceMs);
    await this.#report();
  }

  update(pod: Pod): void {
    this.pod = pod;
    const isLeaving = pod.metadata.deletionTimestamp !== undefined;
    if (isLeaving && !this.isOver) void this.#leave();
  }

  /** The pod is no more: neither is what it ran and kept. */
  async vanish(graceMs = 0): Promise<void> {
    this.#gone.abort();
    await this.#stop(graceMs);
    await rm(this.#home, { recursive: true, force: true });
  }

  async #leave(): Promise<void> {
    this.isOver = true;
    const { deletionGracePeriodSeconds: seconds } = this.pod.metadata;
    await this.#stop(seconds === undefined ? this.#graceMs : seconds * 1000);
    await this.#report();
    await finishDeletion(this.#node.api, this.pod, this.#gone.signal);
    await this.vanish();
  }

  /** Ends what runs, the sidecars last. */
  async #stop(graceMs: number): Promise<void> {
    this.#end.abort();
    const until = performance.now() + graceMs;
    for (const isLast of [false, true]) {
      const these = this.containers.filter(({ role }) => (role === 'sidecar') === isLast);
      const leftMs = Math.max(0, until - performance.now());
      await Promise.all(these.map((container) => container.stop(leftMs)));
    }
  }

  #contain(spec: Container, role: ContainerRun['role']): ContainerRun {
    const { restartPolicy = 'Always' } = this.pod.spec;
    const policies = {
      // An init container runs until it ends well; a sidecar runs as long as the pod.
      init: restartPolicy === 'Always' ? 'OnFailure' : restartPolicy,
      sidecar: 'Always',
      main: restartPolicy,
    };
    return new ContainerRun(spec, role, {
      policy: policies[role],
      backOffMs: this.#node.backOffMs,
      graceMs: this.#graceMs,
      prepare: () => this.#prepare(spec),
      tell: () => void this.#report(),
    });
  }

  /** Gives the pod its ports and volumes; a ConfigMap may come later than the pod that mounts it. */
  async #settle(): Promise<void> {
    await mkdir(this.#home, { recursive: true });
    for (const { containerPort } of this.containers.flatMap(({ spec }) => spec.ports ?? [])) {
      this.ports.set(containerPort, await freePort());
    }
    for (const volume of this.pod.spec.volumes ?? []) {
      while (!this.#end.signal.aborted && !this.#volumes.has(volume.name)) {
        await fillVolume(volume, this.#reader(), this.#home).then(
          (place) => this.#volumes.set(volume.name, place),
          () => pauseUnless(this.#end.signal, lookAgainMs),
        );
      }
    }
  }

  #reader() {
    return { api: this.#node.api, pod: this.pod, facts: this.facts };
  }

  async #prepare(container: Container): Promise<Preparation> {
    const { images, keeper, furnish } = this.#node;
    const image = imageOf(container.image ?? '', images);
    if (image === undefined) return noImage;
    const environment = environmentOf(container, await sourcesOf(container, this.#reader()));
    if (environment.kind === 'waiting') return environment;
    const { variables } = environment;
    const expanded = (words: readonly string[] = []) => words.map((one) => expand(one, variables));
    const words = container.command ? expanded(container.command) : image.command;
    const room = furnish({
      image: image.directory,
      mounts: mountsOf(container, this.#volumes),
      home: join(this.#home, 'containers', container.name),
    });
    const own = { ...this.#ownVariables(), ...image.env, ...variables };
    const command = (asked: readonly string[]) => ({
      words: asked.map((word) => withPorts(word, this.ports)),
      directory: container.workingDir ?? '/',
      variables: Object.fromEntries(
        Object.entries(own).map(([name, text]) => [name, withPorts(text, this.ports)]),
      ),
    });
    const start = (hear: (text: string) => void) => {
      const program = keeper.start(
        room.enter(command([...words, ...expanded(container.args)])),
        hear,
      );
      return {
        ...program,
        portOf: (port: number | string) => portOf(this.ports, container, port),
        startBeside: (others: readonly string[]) =>
          keeper.start(room.join(command(others), program.pid ?? 0), () => {}),
      };
    };
    return { kind: 'prepared', start };
  }

  /** What a container runtime sets; our own Node comes first. */
  #ownVariables(): Values {
    const path = `${join(process.execPath, '..')}:${systemPath}`;
    return { PATH: path, HOSTNAME: this.pod.metadata.name };
  }
}

const noImage = {
  kind: 'waiting',
  reason: 'ImagePullBackOff',
  message: 'Back-off pulling image: it is not among the images of this node',
} as const;

const mountsOf = ({ volumeMounts = [] }: Container, volumes: ReadonlyMap<string, string>) =>
  new Map(
    volumeMounts.map(({ name, mountPath, subPath = '' }) => [
      mountPath.replace(/\/+$/, ''),
      join(volumes.get(name) ?? '/nonexistent', subPath),
    ]),
  );

/** By its full name, or by the name without tag and digest. */
const imageOf = (name: string, images: Node['images']) =>
  images[name] ?? images[name.replace(/@.*$/, '').replace(/:[^/:]*$/, '')];
