type Ical = typeof import("ical.js", { with: { "resolution-mode": "import" }});

/** Mozilla's iCalendar parser. Its CommonJS build comes without types of its own, so those of the other build are used. */
export const ICAL = require("ical.js") as Ical["default"];
