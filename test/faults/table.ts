// Tables in Markdown, as the campaigns print them.

type Cell = string | number;

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

/** Columns of numbers are aligned to the right, and every column is as wide as its widest cell. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const widths = head.map((title, column) => Math.max(3, title.length, ...rows.map((cells) => String(cells[column]).length)));
  const isNumber = head.map((_, column) => rows.length > 0 && rows.every((cells) => typeof cells[column] === 'number'));
  const pad = (cell: Cell, column: number) =>
    isNumber[column] ? String(cell).padStart(widths[column] ?? 0) : String(cell).padEnd(widths[column] ?? 0);
  const rule = widths.map((width, column) => (isNumber[column] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return `\n${[row(head.map(pad)), row(rule), ...rows.map((cells) => row(cells.map(pad)))].join('\n')}\n`;
}
