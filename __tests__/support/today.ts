/** The day end-to-end tests live on: further away than any provider's own clock, so that no date in them is ever past. */
export const TODAY = "2100-01-10";
