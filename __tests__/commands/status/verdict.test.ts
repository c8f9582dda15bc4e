import { judge } from "../../../commands/status/verdict";
import type { ObservedToken } from "../../../estate/observed";

const DATE = "2100-06-01";
const OTHER = "2100-09-01";

/** A living token of the inventory's date, with something else. */
const token = (id: number, other: Partial<ObservedToken> = {}): ObservedToken => ({
  id,
  name: "GITLAB_CI_PUSHER",
  scopes: ["write_repository"],
  description: "gitlab-ci-pusher ops/gitops/Token",
  user_id: 70,
  active: true,
  revoked: false,
  expires_at: DATE,
  created_at: "2100-01-01T00:00:00.000Z",
  last_used_at: null,
  access_level: 30,
  ...other,
});
const REVOKED = { active: false, revoked: true };
const EXPIRED = { active: false };

describe("a slot of the inventory, by what GitLab has with its mark", () => {
  test.each<[string, ObservedToken[], string, number | undefined]>([
    ["nothing", [], "unknown", undefined],
    ["its token", [token(1)], "active", 1],
    [
      "its token, made anew with another bot after a revocation",
      [token(1, REVOKED), token(2, { user_id: 71 })],
      "active",
      2,
    ],
    [
      "its token, rotated by deploys before",
      [token(1, { ...REVOKED, expires_at: "2100-02-01" }), token(2)],
      "active",
      2,
    ],
    ["a living token of another date only", [token(1, { expires_at: OTHER })], "not deployed", 1],
    ["a living token without a date", [token(1, { expires_at: null })], "not deployed", 1],
    [
      "its token revoked, and its bot's next one",
      [token(1, REVOKED), token(2, { expires_at: OTHER })],
      "rotated elsewhere",
      2,
    ],
    [
      "its token revoked, and its bot's next one of the same date",
      [token(1, REVOKED), token(2)],
      "rotated elsewhere",
      2,
    ],
    ["two living ones of its date: the newer", [token(1), token(2, { user_id: 71 })], "active", 2],
    ["two living ones: that of its date", [token(1), token(2, { user_id: 71, expires_at: OTHER })], "active", 1],
    ["its token revoked", [token(1, REVOKED)], "revoked", 1],
    ["its token expired", [token(1, EXPIRED)], "expired", 1],
    ["an expired one, revoked after it was replaced", [token(1, REVOKED), token(2, EXPIRED)], "expired", 2],
    ["its token, whose bot is no member", [token(1, { access_level: 0 })], "bot removed", 1],
    ["its token, whose bot has no membership to show", [token(1, { access_level: null })], "bot removed", 1],
  ])("GIVEN %s", (_name, tokens, state, id) => {
    const verdict = judge(tokens, DATE);
    expect([verdict.state, verdict.token?.id]).toEqual([state, id]);
    // The order GitLab lists them in does not matter.
    expect(judge(tokens.toReversed(), DATE)).toEqual(verdict);
  });
});

describe("the same, GIVEN the id that Terraform's state has", () => {
  test.each<[string, ObservedToken[], number | null, string, number | undefined]>([
    ["its token", [token(1)], 1, "active", 1],
    ["the older of two living ones is Terraform's", [token(1), token(2, { user_id: 71 })], 1, "active", 1],
    ["a date not deployed yet", [token(1, { expires_at: OTHER })], 1, "not deployed", 1],
    [
      "its token revoked, and its bot's next one",
      [token(1, REVOKED), token(2, { expires_at: OTHER })],
      1,
      "rotated elsewhere",
      2,
    ],
    ["its token revoked, and another bot's", [token(1, REVOKED), token(2, { user_id: 71 })], 1, "revoked", 1],
    ["its token expired", [token(1, EXPIRED)], 1, "expired", 1],
    ["its token gone", [token(2)], 1, "unknown", undefined],
    ["a living token the state does not have", [token(1)], null, "unknown", undefined],
  ])("GIVEN %s", (_name, tokens, managed, state, id) => {
    const verdict = judge(tokens, DATE, managed);
    expect([verdict.state, verdict.token?.id]).toEqual([state, id]);
  });
});
