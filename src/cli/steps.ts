/** How far a long step is: what it is called, and then the share of it that is done, 0 to 1. */
export type ShowSteps = (step: string) => (share: number) => void;

/** On a terminal the progress of a step is one line that is written over; elsewhere nothing is said. */
export const showSteps: ShowSteps = (step) => {
  if (!process.stderr.isTTY) return () => {};
  let shown = '';
  return (share) => {
    const text = `${step} ${Math.floor(share * 100)} %`;
    if (text === shown) return;
    shown = text;
    process.stderr.write(share >= 1 ? '\r\x1b[K' : `\r${text}`);
  };
};
