import { expect, test } from 'vitest';
import { csvLine } from '../../../src/audit/csv.ts';

test.each([
  [['a', 1, null, 'b'], 'a,1,,b'],
  [['a,b', 'say "so"', 'two\nlines', 'c\rd'], '"a,b","say ""so""","two\nlines","c\rd"'],
  [['=1+1', '+1', '-1', '@a'], "'=1+1,'+1,'-1,'@a"],
  [['＝1', '＋1', '－1', '＠a'], "'＝1,'＋1,'－1,'＠a"],
  [['\t=1', '\r=1', '\n=1'], `'\t=1,"'\r=1","'\n=1"`],
  [['=HYPERLINK("https://evil.test","x")'], `"'=HYPERLINK(""https://evil.test"",""x"")"`],
  [[-5, 0], '-5,0'],
  [['a=1', ' =1', ''], 'a=1, =1,'],
])('%j is the line %s', (cells, line) => {
  expect(csvLine(cells)).toBe(`${line}\r\n`);
});
