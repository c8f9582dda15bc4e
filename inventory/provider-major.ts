import { ExpectedError } from "../gitlab/expected-error";
import { withoutTokens } from "../gitlab/problem";
import { DEFAULT_PROVIDER, PROVIDER_MAJORS, type ProviderMajor } from "../gitlab/provider-major";

/**
 * The major version of GitLab's provider that the stacks are written for: the one that `"provider"` in cdktf.json's context asks for, else
 * the one that is locked, else {@link DEFAULT_PROVIDER}. A locked release of another major is left to Terraform, which refuses it.
 *
 * @param context of cdktf.json
 * @param locked the releases that the provider lock file names, by the providers' addresses
 * @throws ExpectedError when the context asks for another one, or the lock file has two
 */
export function providerMajor(
  context: Readonly<Record<string, unknown>>,
  locked: Readonly<Record<string, string>>,
): ProviderMajor {
  const { provider: asked } = context;
  if (asked !== undefined) return known(asked) ?? refuse(asked);
  const releases = Object.entries(locked).filter(([address]) => /\/gitlabhq\/gitlab$/.test(address));
  const majors = [...new Set(releases.map(([, release]) => release.split(".")[0]))];
  if (majors.length > 1) {
    throw new ExpectedError({
      of: ".terraform.lock.hcl",
      got: `gitlabhq/gitlab ${majors.join(" and ")}`,
      allowed: "one major version, of Terraform's registry and OpenTofu's",
      fix: 'write "provider": 18 or "provider": 19 into the context of cdktf.json, and run npx gitlab-ci-pusher providers lock --upgrade',
    });
  }
  return known(majors[0]) ?? DEFAULT_PROVIDER;
}

const known = (value: unknown): ProviderMajor | undefined =>
  PROVIDER_MAJORS.find((major) => value === major || value === String(major));

function refuse(asked: unknown): never {
  throw new ExpectedError({
    of: "cdktf.json, context.provider",
    got: withoutTokens(JSON.stringify(asked)),
    allowed: PROVIDER_MAJORS.join(" and "),
    fix: 'write "provider": 19, or leave it out for the major version that is locked',
  });
}
