import { createHash } from "node:crypto";
import { formOf, listOf, maybe, optional, text, whole, yesOrNo } from "../gitlab/answer-form";
import type { ApiClient } from "../gitlab/api-client";
import { ApiError } from "../gitlab/api-error";

/** An access token of a project, a group or a person as GitLab shows it, never its value. */
export interface TokenRecord {
  readonly id: number;
  readonly name: string;
  readonly description?: string | null;
  /** The bot, or the person. */
  readonly user_id: number;
  readonly scopes: readonly string[];
  readonly active: boolean;
  readonly revoked: boolean;
  /** `YYYY-MM-DD`; null = never. */
  readonly expires_at: string | null;
  readonly created_at?: string;
  /** GitLab notes a use at most every ten minutes or so. */
  readonly last_used_at?: string | null;
  /** Role of the bot; not told of a person. */
  readonly access_level?: number | null;
}

export const TOKEN_RECORD = formOf<TokenRecord>({
  id: whole,
  name: text,
  description: maybe(text),
  user_id: whole,
  scopes: listOf(text),
  active: yesOrNo,
  revoked: yesOrNo,
  expires_at: maybe(text),
  created_at: optional(text),
  last_used_at: maybe(text),
  access_level: maybe(whole),
});

/** The answer of GitLab to a credential that asks about itself. */
export type Identity =
  | { readonly kind: "token"; readonly token: TokenRecord }
  | { readonly kind: "refused"; readonly status: "expired" | "revoked" | "unknown" }
  | { readonly kind: "unclear"; readonly reason: string };

/** Asks GitLab what credentials are, with the credentials themselves, each once; GitLab counts it as a use. */
export class Identities {
  /** By digest, so that no value is kept. */
  private readonly known = new Map<string, Promise<Identity>>();

  constructor(private readonly client: ApiClient) {}

  /** @throws ApiError when GitLab cannot be reached */
  of(value: string): Promise<Identity> {
    const digest = createHash("sha256").update(value).digest("base64");
    const known = this.known.get(digest) ?? this.ask(value);
    this.known.set(digest, known);
    return known;
  }

  private async ask(value: string): Promise<Identity> {
    let owner: ApiClient;
    try {
      owner = this.client.as(value);
    } catch {
      return { kind: "refused", status: "unknown" };
    }
    try {
      return {
        kind: "token",
        token: await owner.get<TokenRecord>(["personal_access_tokens", "self"], {}, TOKEN_RECORD),
      };
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === undefined) throw error;
      if (error.status !== 401) return { kind: "unclear", reason: error.reason };
      const [status = "unknown"] = (["expired", "revoked"] as const).filter((word) => error.reason.includes(word));
      return { kind: "refused", status };
    }
  }
}
