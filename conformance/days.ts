import { ExpiryDate } from "../gitlab/expiry-date";

/** The UTC day so many days from today, `YYYY-MM-DD`; before today when negative. */
export const inDays = (days: number): string => ExpiryDate.daysFrom(new Date(), days).text;
