import type { Described, Histogram } from './rows.ts';

const labels = ['verb', 'resource', 'code'];

export const apiRequests: Described = {
  name: 'retrofit_api_requests_total',
  help: 'Requests to the API server, by the code of the answer or the key of the fault.',
  labels,
};

export const apiDuration: Histogram = {
  name: 'retrofit_api_request_duration_seconds',
  help: 'Time that requests to the API server took; of a watch, until it began.',
  labels,
  buckets: [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30],
};

export const buildInfo: Described = {
  name: 'retrofit_build_info',
  help: 'The version that runs, and the version of Node.js that runs it. The value is always 1.',
  labels: ['version', 'node'],
};
