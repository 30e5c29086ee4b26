import { names } from '../../../crds/names.ts';
import { digest } from '../../../domain/injection/stamp.ts';
import { reasons, type Reason } from '../../../domain/reasons.ts';
import type { Fact } from '../../../domain/facts.ts';
import type { About } from '../../../domain/restart/facts.ts';
import type { Advice } from '../../../domain/restart/judge/advice.ts';
import { faults, type Entry, type FaultKey } from '../../../domain/faults.ts';
import { closingOf } from '../../../domain/status/told.ts';
import type { Client } from '../../kube/client.ts';
import { faultOf } from '../../kube/fault.ts';
import {
  repeatEvent,
  tellEvent,
  type KubeEvent,
  type Reference,
  type Reporter,
} from '../../kube/objects.ts';
import type { Time } from '../../kube/pace.ts';

export interface EventsOptions {
  readonly client: Client;
  readonly reporter: Reporter;
  /** Carries a write when there is room for it. */
  readonly queue: (write: () => Promise<void>) => void;
  readonly onFault: (fault: FaultKey) => void;
  readonly time: Time;
}

/** Tells people who look at their workload; nothing depends on its being heard. */
export interface Events {
  readonly tell: (fact: Fact) => void;
}

/** What was told longer ago may be told anew, as the API server forgets it too. */
const mostKnown = 10_000;

export function createEvents(options: EventsOptions): Events {
  const { client, reporter, queue, onFault, time } = options;
  const counts = new Map<string, number>();
  const underWay = new Map<string, Promise<void>>();

  async function write(event: KubeEvent): Promise<void> {
    const count = (counts.get(event.name) ?? 0) + 1;
    counts.set(event.name, count);
    try {
      // The first time a former leader may have told it: then there is no news.
      if (count === 1) await tellEvent(client, event, reporter);
      else await repeatEvent(client, event, { count, at: event.at });
    } catch (error) {
      const { key } = faultOf(error);
      if (key !== 'NotFound') {
        onFault(key);
        return;
      }
      counts.delete(event.name);
      // An API server forgets Events within the hour; where the namespace is gone there is nobody to tell.
      if (count > 1) await write(event);
    }
  }

  /** What happens again can be counted only once it is there. */
  function writeInTurn(event: KubeEvent): Promise<void> {
    const { name } = event;
    const writing = (underWay.get(name) ?? Promise.resolve()).then(() => write(event));
    const ended = writing.finally(() => {
      if (underWay.get(name) === ended) underWay.delete(name);
    });
    underWay.set(name, ended);
    return ended;
  }

  return {
    tell: (fact) => {
      const told = toldOf(fact);
      if (told === undefined) return;
      if (counts.size > mostKnown) counts.clear();
      const event = { ...told, at: time.wall() };
      queue(() => writeInTurn(event));
    },
  };
}

type Told = Omit<KubeEvent, 'at'>;

const restart = 'RestartWorkload';
const inject = 'InjectAgent';

type Tell<T extends Fact['type']> = (fact: Extract<Fact, { type: T }>) => Told;

/** What people are told at their objects; all else is in the log and the metrics. */
const tellings: { readonly [T in Fact['type']]?: Tell<T> } = {
  WorkloadRestarted: (fact) => {
    const note = `Restarted, number ${fact.number}: ${reasons[fact.cause].summary}`;
    return about(fact, { type: 'Normal', reason: fact.type, action: restart, note });
  },
  RestartSucceeded: (fact) => {
    const note = 'Every pod is new, runs, and has what it asked for.';
    return about(fact, { type: 'Normal', reason: fact.type, action: restart, note });
  },
  WorkloadBehind: (fact) => ofVerdict(fact, 'Normal', inject),
  WorkloadHeld: (fact) => ofVerdict(fact, 'Normal', inject),
  WorkloadRefused: (fact) => ofVerdict(fact, 'Warning', inject),
  WorkloadStuck: (fact) => ofVerdict(fact, 'Warning', restart),
  WorkloadKeptWaiting: (fact) => ofVerdict(fact, 'Normal', restart),
  RestartRejected: (fact) => {
    const note = refusalOf(fact);
    return about(fact, { type: 'Warning', reason: fact.type, action: restart, note });
  },
  BreakerOpened: ({ instrumentation: key, workload, reason, since }) => {
    const regarding = instrumentation(key);
    return {
      type: 'Warning',
      reason: 'BreakerOpen',
      action: restart,
      note: `No workload is restarted for it any more: the restart of ${workload} went wrong (${reason}). ${closingOf(key, since)}`,
      name: named(regarding.name, [key, since]),
      regarding,
    };
  },
};

function toldOf(fact: Fact): Told | undefined {
  const tell = tellings[fact.type] as ((fact: Fact) => Told) | undefined;
  return tell?.(fact);
}

interface OfVerdict extends About {
  readonly reason: Reason;
  readonly advice: Advice;
}

const ofVerdict = (fact: OfVerdict, type: KubeEvent['type'], action: string): Told =>
  about(fact, { type, reason: fact.reason, action, note: noteOf(fact.advice) });

const noteOf = ({ summary, remedy }: Advice) =>
  remedy === undefined ? summary : fitted(`${summary} ${remedy}`);

/** The server takes no longer note, and half a command is worse than none. */
function fitted(note: string): string {
  if (note.length <= longestNote) return note;
  const room = note.slice(0, longestNote - rest.length);
  const end = Math.max(room.lastIndexOf('. '), room.lastIndexOf('; ')) + 1;
  return `${room.slice(0, end)} ${rest}`;
}

const longestNote = 1_000;

const rest = 'The rest stands in status.attention of the Instrumentation.';

/** Who refused it, and what to ask of them; how to go on is told with the verdict. */
function refusalOf({ fault, deniedBy }: Extract<Fact, { type: 'RestartRejected' }>): string {
  if (fault === undefined)
    return 'Our annotation was not in what was stored: a webhook or policy takes it out.';
  const { sentence, remedy }: Entry = faults[fault];
  const by = deniedBy === undefined ? [] : [`It is called ${deniedBy}.`];
  return [sentence, ...by, ...(remedy === undefined ? [] : [remedy])].join(' ');
}

type Said = Pick<KubeEvent, 'type' | 'reason' | 'action' | 'note'>;

function about(fact: About & { readonly number?: number }, said: Said): Told {
  const { kind, namespace, name, uid } = fact.workload;
  const [related] = fact.instrumentations;
  return {
    ...said,
    name: named(name, [kind, uid, fact.asked, said.reason, fact.number ?? null]),
    regarding: { apiVersion: 'apps/v1', kind, namespace, name, uid },
    related: related === undefined ? undefined : instrumentation(related),
  };
}

function instrumentation(key: string): Reference {
  const [namespace = '', name = ''] = key.split('/');
  const apiVersion = `${names.group}/${names.version}`;
  return { apiVersion, kind: names.kind, namespace, name };
}

/** The same thing has the same name, whoever tells it. */
const named = (name: string, what: readonly unknown[]) =>
  `${name.slice(0, 200).replace(/[^a-z0-9]+$/, '')}.${digest(what)}`;
