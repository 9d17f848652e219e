/** Shows how far long work has come: as a bar on a terminal, else a line for every tenth. */

export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const WIDTH = 30;
const REDRAW_MS = 100;

/** A function to call with how many of `total` are done by now. Says nothing where there is nothing to do. */
export function showProgress(
  what: string,
  total: number,
  screen: Screen = process.stderr,
  now: () => number = () => performance.now(),
): (done: number) => void {
  const startedAt = now();
  let startedWith: number | null = null;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let tenths = 0;
  return (done) => {
    if (total === 0) return;
    startedWith ??= done;
    const at = now();
    const share = done / total;
    if (screen.isTTY === true) {
      if (done < total && at - drawnAt < REDRAW_MS) return;
      drawnAt = at;
      const filled = Math.round(share * WIDTH);
      const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
      const left = remaining(done - startedWith, total - done, at - startedAt);
      const text = `${bar} ${Math.floor(share * 100)} % of ${total.toLocaleString('en-US')} ${what}${left}`;
      screen.write(`\r${text}\x1b[K${done < total ? '' : '\n'}`);
      return;
    }
    const reached = Math.floor(share * 10);
    if (reached === tenths) return;
    tenths = reached;
    screen.write(`${reached * 10} % of ${total.toLocaleString('en-US')} ${what}\n`);
  };
}

function remaining(done: number, left: number, elapsedMs: number): string {
  if (done === 0 || left === 0) return '';
  const seconds = Math.ceil((elapsedMs / done) * left) / 1000;
  return seconds < 90 ? `, ${Math.ceil(seconds)} s left` : `, ${Math.ceil(seconds / 60)} min left`;
}
