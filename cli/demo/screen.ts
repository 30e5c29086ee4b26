/** Where the story is told: lines that stay, and below them a table that lives. */
export interface Screen {
  say(text: string): void;
  /**
   * Drawn in place on a terminal, with a last line for what never stands still; elsewhere the lines
   * that are new are written.
   */
  show(table: readonly string[], ticker?: string): void;
}

export interface Paper {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  /** Asked for each line, for a window may be resized. */
  readonly columns: () => number;
}

export function createScreen(paper: Paper): Screen {
  return paper.isTerminal ? liveScreen(paper) : plainScreen(paper);
}

function liveScreen({ write, columns }: Paper): Screen {
  let shown: readonly string[] = [];
  const rub = () => (shown.length === 0 ? '' : `\u001B[${shown.length}A\u001B[0J`);
  // A line that wraps would take two, and rubbing it out would leave one.
  const fitted = (line: string) => `${line.slice(0, columns() - 1)}\n`;
  const drawn = () => shown.map(fitted).join('');
  return {
    say: (text) => write(`${rub()}${text}\n${drawn()}`),
    show(table, ticker) {
      const lines = ticker === undefined ? table : [...table, ticker];
      if (lines.join('\n') === shown.join('\n')) return;
      const before = rub();
      shown = lines;
      write(`${before}${drawn()}`);
    },
  };
}

function plainScreen({ write }: Paper): Screen {
  let shown: readonly string[] = [];
  return {
    say: (text) => write(`${text}\n`),
    show(table) {
      const news = table.filter((line) => line !== '' && !shown.includes(line));
      shown = table;
      if (news.length > 0) write(`${news.join('\n')}\n`);
    },
  };
}
