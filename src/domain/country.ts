/** Countries as lists of apps name them: the codes of ISO 3166-1 alpha-2, in upper case. Pure. */

/** Stands for a client whose country is not known. */
export const UNKNOWN_COUNTRY = 'ZZ';

/** Kosovo has none in the standard: this one is what it has in data about addresses. */
const KOSOVO = 'XK';

const CODES = new Set(
  `
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY
BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK
FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR
IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK
ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF
TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW`
    .trim()
    .split(/\s/),
)
  .add(UNKNOWN_COUNTRY)
  .add(KOSOVO);

export function isCountry(code: string): boolean {
  return CODES.has(code);
}

/**
 * The data about countries is being loaded, as it is for the first client whose country is asked for: whoever asked
 * may ask again once `loaded` has resolved, which it does whatever comes of it.
 */
export class CountriesLoading extends Error {
  readonly loaded: Promise<void>;

  constructor(loaded: Promise<void>) {
    super('the countries of addresses are being loaded');
    this.name = 'CountriesLoading';
    this.loaded = loaded;
  }
}
