/** Told how far a step has come, from 0 to 1. */
export type Progress = (share: number) => void;

/** Told which step begins; what it gives is told how far that step has come. */
export type Steps = (step: string) => Progress;
