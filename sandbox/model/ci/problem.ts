/** A problem worth one line of the lint report. */
export class CiProblem extends Error {}
