/** Name of a pusher's first token, where nobody chooses another; also the bot's display name. */
export const DEFAULT_TOKEN_NAME = "GITLAB_CI_PUSHER";

/** Key of the variable that carries a push token, where nobody chooses another. */
export const DEFAULT_VARIABLE_KEY = "GITLAB_PUSHER_TOKEN";
