/** Writes what a command found: results on standard output, and whatever else there is to say on standard error. */
import { plainLines, plainText } from './plain-text.ts';
import { type Row, recordLines, Table } from './tables.ts';

/** What an answer shows once: whoever loses it has to make a new one. */
const SHOWN_ONCE = ['client_token', 'app_token', 'admin_token', 'signing_secret', 'secret'] as const;
/** By which a thing is addressed, or found again. */
const IDENTITIES = ['slug', 'id', 'message_id'] as const;

export interface Manner {
  /** The vault's JSON as it is. */
  readonly json: boolean;
  /** Nothing but secrets that are shown once, or else the name of the thing. */
  readonly quiet: boolean;
}

export class Printer {
  readonly manner: Manner;
  readonly forPeople = process.stdout.isTTY === true;

  constructor(manner: Manner) {
    this.manner = manner;
  }

  write(text: string): void {
    process.stdout.write(text);
  }

  bytes(part: Uint8Array): void {
    process.stdout.write(part);
  }

  /** For people who watch; a script sees it on standard error. */
  hint(line: string): void {
    if (!this.manner.quiet) process.stderr.write(`keyrotator: ${line}\n`);
  }

  /** `json` is the thing as the vault answered; `more` is what stands beside it, in no JSON. */
  record(json: string, more: Row = {}): void {
    const thing = JSON.parse(json) as Row;
    const secrets = SHOWN_ONCE.filter((name) => typeof thing[name] === 'string');
    if (this.manner.json) this.write(`${plainLines(json)}\n`);
    else if (this.manner.quiet) this.write(quietly(thing, secrets));
    else this.write(recordLines({ ...thing, ...more }, this.forPeople));
    if (secrets.length > 0)
      this.hint(`${secrets.join(' and ')}: shown this once, keep it where it is needed`);
  }

  table(columns: readonly string[]): (rows: readonly Row[]) => void {
    const identity = IDENTITIES.find((name) => columns.includes(name)) ?? columns[0] ?? '';
    const table = this.manner.quiet ? new Table([identity], false) : new Table(columns, this.forPeople);
    return (rows) => this.write(table.page(rows));
  }
}

/** A line for each secret, else one with the identity, if it has one. */
function quietly(thing: Row, secrets: readonly string[]): string {
  const identity = IDENTITIES.filter((name) => thing[name] !== undefined).slice(0, 1);
  return (secrets.length > 0 ? secrets : identity)
    .map((name) => `${plainText(String(thing[name]))}\n`)
    .join('');
}
