/** Tells whether a variable of a pipeline has a value: GitLab leaves `$NAME` where it knows no variable of that name. */
export const isSet = (value: string | undefined): value is string =>
  value !== undefined && value !== "" && !/^\$(\w+|\{\w+\})$/.test(value);
