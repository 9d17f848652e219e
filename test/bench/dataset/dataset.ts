/**
 * Makes a large data set in the vault of DATABASE_URL, by the configuration of the service. Exit code 0 when it is there; 1
 * when it could not be made; 2 for options that are wrong.
 */
import { parseArgs } from 'node:util';
import { readConfig } from '../../../src/config/config.ts';
import { makeDataset } from './make-dataset.ts';
import { checkShape, type Shape } from './shape.ts';
import { tokenFileOf } from './token-file.ts';

const USAGE = `npm run dataset -- [options]

Makes tenants, services, keys, apps and a history of deliveries in the vault of DATABASE_URL, which is best a new one and gets no demo.
Begun again, it goes on.

  --tenants N      tenants (1000), each with a client token and an app
  --services N     services in all (100000)
  --keys N         keys in all (1000000)
  --deliveries N   deliveries on record in all (0), half of them of the first service of the first tenant
  --days N         over how many days the deliveries are spread (30)
  --tokens FILE    where the tokens go, a JSON line for each tenant (dataset-tokens.jsonl, beside the database's file)
`;

const LARGEST = 100_000_000;

function readOptions(args: readonly string[]): { shape: Shape; tokens: string | undefined } | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      tenants: { type: 'string', default: '1000' },
      services: { type: 'string', default: '100000' },
      keys: { type: 'string', default: '1000000' },
      deliveries: { type: 'string', default: '0' },
      days: { type: 'string', default: '30' },
      tokens: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const shape = {
    tenants: wholeNumber('--tenants', values.tenants, 1),
    services: wholeNumber('--services', values.services, 1),
    keys: wholeNumber('--keys', values.keys, 0),
    deliveries: wholeNumber('--deliveries', values.deliveries, 0),
    days: wholeNumber('--days', values.days, 1),
  };
  checkShape(shape);
  return { shape, tokens: values.tokens };
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= LARGEST) return value;
  throw new Error(`${name} takes a whole number from ${least} to ${LARGEST}`);
}

async function main(): Promise<void> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`dataset: ${(error as Error).message}\n\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  if (options === null) {
    process.stdout.write(USAGE);
    return;
  }
  try {
    const config = { ...readConfig(), demo: false };
    const tokenFile = options.tokens ?? tokenFileOf(config.database);
    await makeDataset(config, options.shape, tokenFile);
    process.stdout.write(`The tokens are in ${tokenFile}.\n`);
  } catch (error) {
    process.stderr.write(`dataset: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}

await main();
