/** All files as one stream of documents. */
export function stream(files: readonly { readonly after: string }[]): string {
  let whole = '';
  for (const { after } of files) {
    whole = whole === '' ? after : whole + joint(whole, after) + after.replace(/^\uFEFF/, '');
  }
  return whole;
}

/** What must stand between two files so that neither changes the other. */
function joint(before: string, after: string): string {
  const lineBreak = /\r?\n/.exec(before)?.[0] ?? '\n';
  const end = before.endsWith('\n') ? '' : lineBreak;
  const firstLine = /^(?:\uFEFF?(?:[ \t]*(?:#[^\n]*)?\r?\n)*)(?<first>[^\r\n]*)/.exec(after);
  const first = firstLine?.groups?.['first'] ?? '';
  if (first.startsWith('%')) return `${end}...${lineBreak}`;
  return /^---(?:\s|$)/.test(first) || isClosed(before) ? end : `${end}---${lineBreak}`;
}

const isClosed = (text: string) => /(?:^|\n)(?:---|\.\.\.)[ \t]*\s*$/.test(text.slice(-200));
