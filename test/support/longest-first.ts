/** The order in which test files run. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Short files that take long: begun last, one would have one worker wait for the other. */
const LONGEST = /\/test\/e2e\/(?:chaos|sudden-death)\.test\.ts$/;

/** The longest first; the others as vitest has them, by what they took the last time or else by their size. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLongest = ({ moduleId }: TestSpecification) => LONGEST.test(moduleId);
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))];
  }
}
