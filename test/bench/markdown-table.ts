/** Columns of even width; those whose cells begin with a digit are aligned to the right. */
export function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const columns = head.map((title, index) => {
    const cells = body.map((cellsOfRow) => cellsOfRow[index] ?? '');
    const width = Math.max(3, title.length, ...cells.map((cell) => cell.length));
    const isNumeric = cells.every((cell) => /^(?:-?[\d–]|INVALID)/.test(cell));
    return { width, isNumeric };
  });
  const line = (cells: readonly string[]) =>
    `| ${cells
      .map((cell, index) => {
        const { width = 0, isNumeric = false } = columns[index] ?? {};
        return isNumeric ? cell.padStart(width) : cell.padEnd(width);
      })
      .join(' | ')} |`;
  const rule = columns.map(({ width, isNumeric }) => '-'.repeat(width - 1) + (isNumeric ? ':' : '-'));
  return [line(head), line(rule), ...body.map(line)].join('\n');
}
