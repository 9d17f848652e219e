/** `key import`: a file of keys by the thousand, in several requests of which each is carried out once. */
import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { ImportedRow, ImportView } from '../../contract/keys.ts';
import { isSlug } from '../../domain/slug.ts';
import { showSteps } from '../steps.ts';
import { EXIT, Failure } from './failure.ts';
import { type FileFormat, type ImportFile, type Portion, readImportFile } from './import-file.ts';
import { choice, optionOf, sentFor } from './options.ts';
import { plainText } from './plain-text.ts';
import type { Printer } from './printer.ts';
import { type Common, examplesOf, startSession } from './program.ts';
import { readInput } from './read-input.ts';
import type { VaultClient } from './vault-client.ts';

const ABOUT =
  'Adds many keys: a JSON array of what key create takes, or CSV with a header line that names label, key and any of weight, position, max_daily_requests and expires_at. A key that is there already is left as it is, so that the same file may be imported again. FILE - is standard input.';
const FORMAT = 'what FILE is; else by its name, or by how it begins';

/** An import of very many rows takes its time. */
const TIMEOUT_SECONDS = 600;
/** More are not told on standard error. */
const MOST_MISTAKES = 20;
/** How the vault says of a row that its key is there, in another row or before. */
const IS_THERE = /^the same key as (?:row (\d+)|key \d+ of the service)$/;

export function addImport(program: Command): void {
  const group = program.commands.find((command) => command.name() === 'key');
  const command = (group ?? program)
    .command('import')
    .summary('Adds many keys from a file, JSON or CSV.')
    .description(ABOUT)
    .argument('<SERVICE>')
    .argument('<FILE>')
    .addOption(optionOf('format', choice(['json', 'csv'], FORMAT)))
    .addHelpText(
      'after',
      examplesOf(['key import openai keys.csv', 'key import openai - --format json < keys.json']),
    );
  command.action(async (service: string, file: string) => {
    if (!isSlug(service))
      throw new Failure(EXIT.usage, 'SERVICE takes a slug: lower-case letters, digits and hyphens');
    const format = sentFor(command.opts().format) as FileFormat | undefined;
    const name = file === '-' ? 'standard input' : file;
    const read = readImportFile(readInput(file), name, format);
    const { client, printer, tenant } = await startSession(command.optsWithGlobals<Common>());
    const path = `/admin/v1/tenants/${encodeURIComponent(await tenant())}/services/${service}/keys/import`;
    report(await importAll(client, path, read), read, printer);
  });
}

/** What came of each row, numbered as in the file, and why it ended before the last one, if it did. */
interface Outcome {
  readonly rows: readonly ImportedRow[];
  readonly failure: Failure | null;
}

async function importAll(client: VaultClient, path: string, file: ImportFile): Promise<Outcome> {
  const rows: ImportedRow[] = [];
  const progress = showSteps('importing');
  const tell = () =>
    process.stderr.write(
      `keyrotator: interrupted: ${rows.length} of ${file.rows} rows were sent; import the file again\n`,
    );
  process.prependOnceListener('SIGINT', tell);
  try {
    for (const portion of file.portions) {
      progress(portion.before / file.rows);
      rows.push(...(await importPortion(client, path, portion)));
    }
    return { rows, failure: null };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { rows, failure: error };
  } finally {
    progress(1);
    process.off('SIGINT', tell);
  }
}

async function importPortion(client: VaultClient, path: string, portion: Portion): Promise<ImportedRow[]> {
  const { text } = await client.json({
    method: 'POST',
    path,
    body: portion,
    headers: { 'idempotency-key': randomUUID() },
    repeat: 'always',
    timeoutSeconds: TIMEOUT_SECONDS,
  });
  const inFile = (row: number | string) => Number(row) + portion.before;
  return (JSON.parse(text) as ImportView).rows.map((each) => {
    const row = inFile(each.row);
    if (!('error' in each)) return { ...each, row };
    const error = each.error.replace(IS_THERE, (whole, other?: string) =>
      other === undefined ? whole : `the same key as row ${inFile(other)}`,
    );
    return { row, error };
  });
}

/** Throws a {@link Failure} where a row was wrong, or not all of them were sent. */
function report({ rows, failure }: Outcome, file: ImportFile, printer: Printer): void {
  const added = rows.filter((row) => 'id' in row).length;
  const refused = rows.filter((row) => 'error' in row);
  const wrong = refused.filter(({ error }) => !IS_THERE.test(error));
  if (printer.manner.json) printer.write(`${JSON.stringify({ added, rows })}\n`);
  else if (!printer.manner.quiet)
    printer.write(`added ${added}, already there ${refused.length - wrong.length}, wrong ${wrong.length}\n`);
  for (const { row, error } of wrong.slice(0, MOST_MISTAKES)) {
    const line = file.lineOf(row);
    process.stderr.write(
      `${plainText(`keyrotator: row ${row}${line === null ? '' : ` (line ${line})`}: ${error}`)}\n`,
    );
  }
  const isMore = wrong.length > MOST_MISTAKES;
  if (failure !== null) {
    const isNothing = rows.length === 0 && failure.exitCode !== EXIT.unreachable;
    const soFar = `${rows.length} of ${file.rows} rows were answered, import the file again`;
    throw new Failure(failure.exitCode, `${isNothing ? 'nothing was added' : soFar}: ${failure.message}`);
  }
  if (wrong.length === 0) return;
  throw new Failure(
    EXIT.failed,
    `${wrong.length} of ${file.rows} rows are wrong${isMore ? ', --json tells all of them' : ''}: correct them and import the file again`,
  );
}
