import { sections, type Panel } from './panels.ts';

const width = 24;
const height = 8;
const acrossOf = (panels: readonly Panel[]) => (panels.length > 3 && panels.length % 3 > 0 ? 4 : 3);

/** The text of `metrics/dashboard.json`, to be imported into Grafana. */
export function renderDashboard(): string {
  const dashboard = {
    uid: 'otel-retrofit',
    title: 'otel-retrofit',
    description: 'Which pods carry their agent, what waits and why, and what was restarted.',
    tags: ['opentelemetry', 'otel-retrofit'],
    schemaVersion: 39,
    editable: true,
    refresh: '1m',
    time: { from: 'now-24h', to: 'now' },
    templating: { list: [source, namespace] },
    panels: placed(),
  };
  const text = JSON.stringify(dashboard, undefined, 2);
  return `${text.replaceAll(/\[\s+(?:"[^"]*",?\s+)+\]/g, inOneLine)}\n`;
}

/** As the formatter would have it. */
const inOneLine = (list: string) =>
  list.replaceAll(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']');

const datasource = { type: 'prometheus', uid: '${source}' };

const source = { name: 'source', label: 'Prometheus', type: 'datasource', query: 'prometheus' };

const namespace = {
  name: 'namespace',
  label: 'Namespace',
  type: 'query',
  datasource,
  query: 'label_values(retrofit_pods, namespace)',
  refresh: 2,
  includeAll: true,
  allValue: '.*',
  multi: true,
  current: { text: 'All', value: '$__all' },
};

/** Sections from top to bottom, each under its own heading, its panels from left to right. */
function placed(): readonly object[] {
  let y = 0;
  let id = 0;
  return sections.flatMap(({ title, panels }) => {
    const across = acrossOf(panels);
    const heading = { id: ++id, type: 'row', title, gridPos: { x: 0, y: y++, w: width, h: 1 } };
    const top = y;
    y += Math.ceil(panels.length / across) * height;
    const placedPanels = panels.map((panel, index) => ({
      id: ++id,
      ...drawn(panel),
      gridPos: {
        x: (index % across) * (width / across),
        y: top + Math.floor(index / across) * height,
        w: width / across,
        h: height,
      },
    }));
    return [heading, ...placedPanels];
  });
}

const types = { number: 'stat', lines: 'timeseries', areas: 'timeseries', table: 'table' } as const;

function drawn({ title, help, shape, unit, queries }: Panel): object {
  const isTable = shape === 'table';
  return {
    type: types[shape],
    title,
    description: help,
    datasource,
    fieldConfig: { defaults: { unit, min: 0, ...customOf(shape) }, overrides: [] },
    options: shape === 'number' ? { reduceOptions: { calcs: ['lastNotNull'] } } : {},
    targets: Object.entries(queries).map(([legendFormat, expr], index) => ({
      refId: String.fromCodePoint(65 + index),
      datasource,
      expr,
      ...(isTable ? { instant: true, format: 'table' } : { legendFormat }),
    })),
    ...(isTable ? { transformations: [withoutTime] } : {}),
  };
}

const withoutTime = { id: 'organize', options: { excludeByName: { Time: true } } };

const customOf = (shape: Panel['shape']) =>
  shape === 'areas'
    ? { custom: { fillOpacity: 40, stacking: { mode: 'normal', group: 'A' } } }
    : {};
