/** Asks on a terminal for what must not be seen. */
import { EXIT, Failure } from './failure.ts';

const CTRL_C = '\x03';
const CTRL_D = '\x04';
const CTRL_U = '\x15';
const ERASE = /[\b\x7f]/;

/** What was typed or pasted up to the line end; nothing of it is shown. Throws a {@link Failure} at Ctrl-C. */
export function askHidden(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(`${question}: `);
  stdin.setEncoding('utf8').setRawMode(true).resume();
  let typed = '';
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      stdin.off('data', take).setRawMode(false).pause();
      stderr.write('\n');
      settle();
    };
    const take = (text: string) => {
      for (const character of text) {
        if (character === CTRL_C) return end(() => reject(new Failure(EXIT.interrupted, 'interrupted')));
        if (character === '\r' || character === '\n' || character === CTRL_D)
          return end(() => resolve(typed));
        if (character === CTRL_U) typed = '';
        else if (ERASE.test(character)) typed = [...typed].slice(0, -1).join('');
        else typed += character;
      }
    };
    stdin.on('data', take);
  });
}
