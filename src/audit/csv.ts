/**
 * Lines of CSV (RFC 4180) that open as text in a spreadsheet, whatever is in them: a cell that a spreadsheet would take
 * for a formula, also in full-width signs, gets an apostrophe in front (OWASP, "CSV Injection").
 */

/** A line with its end; null is an empty cell. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@＝＋－＠\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
