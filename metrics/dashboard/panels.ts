/** One question that a person asks, with the queries that answer it. */
export interface Panel {
  readonly title: string;
  readonly help: string;
  readonly shape: 'number' | 'lines' | 'areas' | 'table';
  readonly unit: Unit;
  /** By the legend of the lines that each query draws. */
  readonly queries: Readonly<Record<string, string>>;
}

type Unit = 'percentunit' | 'short' | 's' | 'bytes' | 'dtdhms' | 'ops' | 'bool_yes_no';

export interface Section {
  readonly title: string;
  readonly panels: readonly Panel[];
}

type Queries = Panel['queries'];
type Words = readonly [title: string, help: string];

const panel =
  (shape: Panel['shape'], unit: Unit) =>
  ([title, help]: Words, queries: Queries): Panel => ({ title, help, shape, unit, queries });

const count = panel('number', 'short');
const counts = panel('lines', 'short');
const stack = panel('areas', 'short');
const rates = panel('lines', 'ops');
const times = panel('lines', 's');
const table = panel('table', 'short');

const wanted = 'state=~"current|aged|outdated|adopted|missing|refused"';
const here = 'namespace=~"$namespace"';

const coverage: Section = {
  title: 'Coverage',
  panels: [
    panel('number', 'percentunit')(
      ['Pods with their agent', 'Of the pods that ask for an agent, how many carry it.'],
      {
        covered: `sum(retrofit_pods{state=~"current|aged", ${here}}) / sum(retrofit_pods{${wanted}, ${here}})`,
      },
    ),
    count(['Pods without', 'They ask for an agent, could have it, and do not.'], {
      missing: `sum(retrofit_pods{state="missing", ${here}})`,
    }),
    count(['Breakers open', 'Instrumentations whose restarts are stopped.'], {
      open: 'max(retrofit_breakers_open)',
    }),
    panel('number', 'bool_yes_no')(
      ['Webhook proven', 'Whether a dry run lately came back as the controller expects.'],
      { proven: 'max(retrofit_probe_success)' },
    ),
    panel('lines', 'percentunit')(
      ['Coverage by namespace', 'The share of pods that carry the agent they ask for.'],
      { '{{namespace}}': `namespace:retrofit_coverage:ratio{${here}}` },
    ),
    stack(['Pods by state', 'What the pods carry, against what they ask for.'], {
      '{{state}}': `sum by (state) (retrofit_pods{${here}})`,
    }),
  ],
};

const waiting: Section = {
  title: 'What waits, and why',
  panels: [
    stack(['Workloads by verdict', 'Everything that asks for an agent.'], {
      '{{verdict}}': 'sum by (verdict) (retrofit_workloads)',
    }),
    table(['Why it is not done', 'Reasons are explained in the reference.'], {
      '': 'sum by (kind, verdict, reason) (retrofit_workloads{verdict!~"current|exempt"}) > 0',
    }),
    counts(['Queue', 'Workloads whose restart is due, and restarts that are under way.'], {
      due: 'max(retrofit_restart_queue_length)',
      'under way': 'max(retrofit_restarts_in_progress)',
    }),
    panel('lines', 'dtdhms')(['Longest wait', 'Since when the first in the queue is behind.'], {
      waits: 'time() - min(retrofit_restart_queue_oldest_timestamp_seconds)',
    }),
    table(['Open breakers', 'Each waits for new settings or for a person.'], {
      '': 'max by (namespace, instrumentation) (retrofit_breaker_open)',
    }),
    table(['Workloads', 'Empty unless the setting workload-metrics is on.'], {
      '': `max by (namespace, kind, workload, verdict, reason) (retrofit_workload_info{verdict!~"current|exempt", ${here}})`,
    }),
  ],
};

const restarts: Section = {
  title: 'Restarts',
  panels: [
    counts(['Restarts in the last hour', 'By why the pods were behind, beside the limit.'], {
      '{{cause}}': 'sum by (cause) (increase(retrofit_restarts_total[1h]))',
      limit: 'max(retrofit_restart_limit_per_hour)',
    }),
    counts(['Outcomes in the last hour', 'What came of them.'], {
      '{{outcome}}': 'sum by (outcome) (increase(retrofit_restart_outcomes_total[1h]))',
      'breakers opened': 'sum(increase(retrofit_breaker_openings_total[1h]))',
    }),
    times(['Time to success', 'From the restart to pods that are new, ready and stay so.'], {
      median:
        'histogram_quantile(0.5, sum by (le) (rate(retrofit_restart_duration_seconds_bucket[6h])))',
      'one in ten':
        'histogram_quantile(0.9, sum by (le) (rate(retrofit_restart_duration_seconds_bucket[6h])))',
    }),
  ],
};

const webhook: Section = {
  title: 'Webhook',
  panels: [
    rates(['Pods admitted', 'By what became of them.'], {
      '{{outcome}}': 'sum by (outcome) (rate(retrofit_admissions_total[$__rate_interval]))',
    }),
    rates(['Agents given', 'By language.'], {
      '{{language}}': 'sum by (language) (rate(retrofit_injections_total[$__rate_interval]))',
    }),
    counts(['Refused and noted in the last hour', 'What a person should look at.'], {
      'refused: {{language}} {{reason}}':
        'sum by (language, reason) (increase(retrofit_refusals_total[1h])) > 0',
      'noted: {{language}} {{reason}}':
        'sum by (language, reason) (increase(retrofit_notes_total[1h])) > 0',
    }),
    times(['Time to answer', 'The API server waits for it whenever a pod is created.'], {
      median:
        'histogram_quantile(0.5, sum by (le) (rate(retrofit_admission_duration_seconds_bucket{door="pods"}[$__rate_interval])))',
      'one in a hundred':
        'histogram_quantile(0.99, sum by (le) (rate(retrofit_admission_duration_seconds_bucket{door="pods"}[$__rate_interval])))',
    }),
    counts(['Let through unseen in the last hour', 'By the API server, or by a fault of ours.'], {
      'API server':
        'sum(increase(apiserver_admission_webhook_fail_open_count{name="pods.otel-retrofit.dev"}[1h]))',
      '{{reason}}':
        'sum by (reason) (increase(retrofit_admissions_total{outcome="failed"}[1h])) > 0',
    }),
    counts(['Instrumentations written in the last hour', 'And what was said to it.'], {
      '{{outcome}}': 'sum by (outcome) (increase(retrofit_validations_total[1h]))',
    }),
    counts(['Requests that were no review', 'In the last hour.'], {
      '{{problem}}': 'sum by (problem) (increase(retrofit_reviews_refused_total[1h])) > 0',
      'out of scope: {{door}}':
        'sum by (door) (increase(retrofit_reviews_out_of_scope_total[1h])) > 0',
    }),
    panel('lines', 'dtdhms')(['Certificates end in', 'They are renewed long before.'], {
      '{{certificate}}':
        'min by (certificate) (retrofit_certificate_expiry_timestamp_seconds) - time()',
    }),
    counts(['Certificates in the last day', 'What was made, written and found wrong.'], {
      'issued: {{certificate}}':
        'sum by (certificate) (increase(retrofit_certificates_issued_total[1d]))',
      '{{problem}}': 'sum by (problem) (increase(retrofit_certificate_problems_total[1d])) > 0',
      'authority written': 'sum(increase(retrofit_ca_bundle_writes_total[1d]))',
      'replaced by others': 'sum(increase(retrofit_ca_bundle_conflicts_total[1d]))',
    }),
  ],
};

const health: Section = {
  title: 'Health',
  panels: [
    counts(['Leader', 'There is one at a time.'], {
      '{{instance}}': 'max by (instance) (retrofit_leader)',
      'changes in the last hour':
        'sum(increase(retrofit_leader_changes_total{change="gained"}[1h]))',
    }),
    times(['Rounds', 'Time since the last one ended, and the time that one takes.'], {
      'since the last': 'time() - max(retrofit_last_round_timestamp_seconds)',
      'one in a hundred takes':
        'histogram_quantile(0.99, sum by (le) (rate(retrofit_round_duration_seconds_bucket[$__rate_interval])))',
    }),
    counts(['Probes and mistakes in the last hour', 'Dry runs, by what was wrong with them.'], {
      'sent: {{problem}}': 'sum by (problem) (increase(retrofit_probes_total[1h]))',
      answered: 'sum(increase(retrofit_probes_answered_total[1h]))',
      'rounds that failed': 'sum(increase(retrofit_round_failures_total[1h]))',
      'Events lost: {{fault}}': 'sum by (fault) (increase(retrofit_events_lost_total[1h])) > 0',
    }),
    times(['Last proof and last word of a watch', 'Seconds since.'], {
      'webhook proven': 'time() - max(retrofit_probe_last_success_timestamp_seconds)',
      '{{resource}}': 'time() - min by (resource) (retrofit_watch_last_event_timestamp_seconds)',
    }),
    counts(['Caches complete, status kept', '1 is yes.'], {
      '{{resource}}': 'min by (resource) (retrofit_cache_synced)',
      'status kept': 'min(retrofit_status_kept)',
    }),
    rates(['Requests to the API server', 'By answer.'], {
      '{{verb}} {{resource}} {{code}}':
        'sum by (verb, resource, code) (rate(retrofit_api_requests_total[$__rate_interval]))',
    }),
    times(['Time of requests', 'One in a hundred takes longer.'], {
      '{{verb}}':
        'histogram_quantile(0.99, sum by (verb, le) (rate(retrofit_api_request_duration_seconds_bucket{verb!="watch"}[$__rate_interval])))',
    }),
    panel('lines', 'bytes')(['Memory', 'Of the process, and of the heap in it.'], {
      '{{instance}}':
        'max by (instance) (process_resident_memory_bytes * on (job, instance) group_left retrofit_build_info)',
      '{{instance}} heap':
        'max by (instance) (nodejs_heap_used_bytes * on (job, instance) group_left retrofit_build_info)',
    }),
    panel('lines', 'percentunit')(['CPU and event loop', 'Shares of one core.'], {
      '{{instance}}':
        'max by (instance) (rate(process_cpu_seconds_total[$__rate_interval]) * on (job, instance) group_left retrofit_build_info)',
      '{{instance}} event loop':
        'max by (instance) (rate(nodejs_eventloop_active_seconds_total[$__rate_interval]) * on (job, instance) group_left retrofit_build_info)',
    }),
    table(['What runs', 'And since when.'], {
      '': 'max by (instance, version, node) (time() - process_start_time_seconds * on (job, instance) group_left (version, node) retrofit_build_info)',
    }),
  ],
};

export const sections: readonly Section[] = [coverage, waiting, restarts, webhook, health];
