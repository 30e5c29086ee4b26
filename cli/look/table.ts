/** Gives text a look, or leaves it as it is where nobody would see it. */
export type Paint = (look: 'bold' | 'dim' | 'green' | 'red' | 'yellow', text: string) => string;

export type Row = readonly string[];

/** Columns as wide as their widest cell; the last one is left ragged. */
export function columns([head, ...rows]: readonly [Row, ...Row[]], paint: Paint): string {
  const all = [head, ...rows];
  const widths = head.map((_title, column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  );
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const [title = '', ...below] = lines;
  return `${[paint('bold', title), ...below].join('\n')}\n`;
}
