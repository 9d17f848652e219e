import { CountriesLoading } from '../../domain/country.ts';

/** Runs what may ask for the country of a client; once more where the data about countries had to be loaded for it. */
export async function withCountries<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof CountriesLoading)) throw error;
    await error.loaded;
    return attempt();
  }
}
