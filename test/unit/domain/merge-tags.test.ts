import { describe, expect, it } from 'vitest';
import { mergeTags } from '../../../src/domain/merge-tags.ts';

describe('a merge patch of tags', () => {
  const tags = { team: 'core', tier: '1' };

  it.each([
    ['that is absent leaves them', undefined, tags],
    ['that is empty leaves them', {}, tags],
    ['adds and replaces what it names', { tier: '2', eu: 'yes' }, { team: 'core', tier: '2', eu: 'yes' }],
    ['takes away what it names with null', { tier: null, none: null }, { team: 'core' }],
    ['that is null takes all away', null, {}],
  ])('%s', (_what, patch, expected) => {
    expect(mergeTags(tags, patch)).toEqual(expected);
  });
});
