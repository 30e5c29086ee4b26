import test from 'ava';
import { sections } from '../../../metrics/dashboard/panels.ts';
import { renderDashboard } from '../../../metrics/dashboard/render.ts';

interface Placed {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
}

const { panels } = JSON.parse(renderDashboard()) as { readonly panels: readonly Placed[] };

test('every panel is drawn, under the heading of its section', (t) => {
  t.deepEqual(
    panels.map(({ title }) => title),
    sections.flatMap((section) => [section.title, ...section.panels.map(({ title }) => title)]),
  );
  t.is(new Set(panels.map(({ id }) => id)).size, panels.length);
});

test('no two panels lie over one another, and none leaves the page', (t) => {
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, at) => `${x + (at % w)}/${y + Math.floor(at / w)}`),
  );
  t.is(new Set(cells).size, cells.length);
  for (const { gridPos, title } of panels) t.true(gridPos.x + gridPos.w <= 24, title);
});

test('each query of a panel has a letter of its own', (t) => {
  for (const { title, targets = [] } of panels) {
    t.is(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
  }
});
