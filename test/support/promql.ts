/** What a PromQL expression names: enough of the language to hold it against the metrics that there are. */

export interface Selector {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[];
}

export interface Named {
  readonly selectors: readonly Selector[];
  /** The labels that the expression groups or joins by. */
  readonly groupedBy: readonly string[];
}

const KEYWORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);
const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
const SELECTOR = /([a-zA-Z_:][\w:]*)\s*(?:\{([^}]*)\}|(\())?/g;

export function namedIn(expression: string): Named {
  const groupedBy = [...expression.matchAll(GROUPING)].flatMap(([, labels = '']) =>
    labels
      .split(',')
      .map((label) => label.trim())
      .filter((label) => label !== ''),
  );
  // Durations and numbers with an exponent would look like names.
  const rest = expression
    .replaceAll(GROUPING, ' ')
    .replaceAll(/\[[^\]]*\]/g, ' ')
    .replaceAll(/("[^"]*")|\b\d[\w.]*/g, (_, string: string | undefined) => string ?? '0');
  const selectors = [...rest.matchAll(SELECTOR)]
    .filter(([, name = '', , call]) => call === undefined && !KEYWORDS.has(name.toLowerCase()))
    .map(([, metric = '', matchers = '']) => ({ metric, matchers: matchersOf(matchers) }));
  return { selectors, groupedBy };
}

function matchersOf(text: string): Selector['matchers'] {
  return [...text.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].map(
    ([, label = '', operator = '', value = '']) => ({ label, operator, value }),
  );
}
