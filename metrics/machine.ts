import type { Described } from './rows.ts';

export interface Reading extends Described {
  readonly type: 'counter' | 'gauge';
  readonly read: () => number;
}

/**
 * The process itself, under the names that every dashboard knows. What the client library offers
 * beside them costs a timer a hundred times a second, and nobody has asked for it.
 */
export const readings: readonly Reading[] = [
  {
    name: 'process_cpu_seconds_total',
    help: 'CPU time of the process, user and system together.',
    labels: [],
    type: 'counter',
    read: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
  },
  {
    name: 'process_resident_memory_bytes',
    help: 'Memory that the process occupies.',
    labels: [],
    type: 'gauge',
    read: () => process.memoryUsage.rss(),
  },
  {
    name: 'process_start_time_seconds',
    help: 'When the process started.',
    labels: [],
    type: 'gauge',
    read: () => performance.timeOrigin / 1000,
  },
  {
    name: 'nodejs_heap_used_bytes',
    help: 'Memory that live and not yet collected objects occupy.',
    labels: [],
    type: 'gauge',
    read: () => process.memoryUsage().heapUsed,
  },
  {
    name: 'nodejs_eventloop_active_seconds_total',
    help: 'Time in which the event loop was at work.',
    labels: [],
    type: 'counter',
    read: () => performance.eventLoopUtilization().active / 1000,
  },
];
