/**
 * Somebody whom a rule lets in by name, beside its level (Premium): a user by username or number, a group by full path or number, or a
 * deploy key by its number, which is the only name that GitLab has for one.
 */
export type Named =
  | { readonly user: string | number }
  | { readonly group: string | number }
  | { readonly deployKey: number };
