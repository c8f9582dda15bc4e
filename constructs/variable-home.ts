/** The home of a variable: in one project, or in a group for every project below it. */
export type VariableHome = { readonly project: string } | { readonly group: string };
