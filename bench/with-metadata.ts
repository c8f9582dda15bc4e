// The app of main.ts, and then on every resource the `//` metadata that cdktf itself writes there.
import { readFileSync, writeFileSync } from "node:fs";
import { synthesized } from "../main";

const file = "cdktf.out/stacks/fleet/cdk.tf.json";

void synthesized.then(() => {
  const config = JSON.parse(readFileSync(file, "utf8"));
  for (const named of Object.values<Record<string, Record<string, unknown>>>(config.resource)) {
    for (const [uniqueId, attributes] of Object.entries(named)) {
      attributes["//"] = {
        metadata: { path: `fleet/${uniqueId.split("_").slice(0, -1).join("/")}/Default`, uniqueId },
      };
    }
  }
  writeFileSync(file, JSON.stringify(config, null, 2));
});
