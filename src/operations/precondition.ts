/** What the caller wants to be so before anything is changed: given the thing as it is, throws a Problem where it is not. */
export type Precondition = (current: object) => void;
