/** What is wrong with a setting of the environment, such as GitLab's address or a token. Its message never holds a token. */
export class SettingError extends Error {
  override readonly name = "SettingError";
}
