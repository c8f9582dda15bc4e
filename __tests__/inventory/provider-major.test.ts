import { providerMajor as majorOf } from "../../inventory/provider-major";
import { releasesIn } from "../../terraform/provider-lock";

const locked = (release: string, registry = "registry.terraform.io") =>
  `provider "${registry}/gitlabhq/gitlab" {\n  version = "${release}"\n}\n`;

const providerMajor = (context: Record<string, unknown>, lock = "") => majorOf(context, releasesIn(lock));

describe("the provider that stacks are written for", () => {
  test.each<[string, object, string | undefined, number]>([
    ["nothing", {}, undefined, 18],
    ["a locked release", {}, locked("19.4.0"), 19],
    ["a locked release of both registries", {}, locked("19.4.0") + locked("19.5.0", "registry.opentofu.org"), 19],
    ["a context that asks", { provider: 19 }, undefined, 19],
    ["a context that asks in text", { provider: "19" }, undefined, 19],
    ["a context that asks for the next one, before it is locked", { provider: 19 }, locked("18.11.0"), 19],
    ["a locked release that nobody knows, which Terraform refuses", {}, locked("20.0.0"), 18],
    [
      "a lock file of other providers",
      {},
      'provider "registry.terraform.io/hashicorp/time" {\n  version = "0.1.0"\n}\n',
      18,
    ],
  ])("GIVEN %s", (_, context, lock, expected) => {
    expect(providerMajor(context as Record<string, unknown>, lock)).toBe(expected);
  });

  test.each([[20], ["18.8"], [true], [null], ["latest"]])(
    "GIVEN a context that asks for %j THEN it is refused",
    (provider) => {
      expect(() => providerMajor({ provider }, undefined)).toThrow(
        /cdktf\.json, context\.provider.*allowed: 18 and 19/,
      );
    },
  );

  test("GIVEN two majors that are locked THEN it is refused, until the context asks for one", () => {
    const lock = locked("18.11.0") + locked("19.5.0", "registry.opentofu.org");
    expect(() => providerMajor({}, lock)).toThrow("gitlabhq/gitlab 18 and 19");
    expect(providerMajor({ provider: 18 }, lock)).toBe(18);
  });
});
