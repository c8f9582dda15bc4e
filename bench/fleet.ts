import { APP, inventoryOf, withOpsRepository } from "./ops-repository";
import { print } from "./print";
import { best } from "./run";

const SIZES = [1, 100, 1_000, 10_000];

/** App synth of fleets: time, memory, and how both grow. The whole way: reading the YAML, checking it, and writing Terraform's JSON. */
export async function fleet(): Promise<void> {
  print("\nfleet: app synth by number of pushers (4 resources each), best of 3");
  print("  pushers   seconds   MB   ms for each pusher more");
  let before: { size: number; seconds: number } | undefined;
  for (const size of SIZES) {
    const { seconds, megabytes } = await withOpsRepository(inventoryOf(size), (cwd) =>
      best(3, APP, { cwd, env: { GITLAB_BASE_URL: "http://127.0.0.1" } }),
    );
    const growth = before ? ((1000 * (seconds - before.seconds)) / (size - before.size)).toFixed(2) : "";
    print(
      `  ${String(size).padStart(7)}   ${seconds.toFixed(2).padStart(7)}   ${megabytes.toFixed(0).padStart(3)}   ${growth}`,
    );
    before = { size, seconds };
  }
  print("  goal: linear (the last column does not rise), 10,000 under 5 s and 600 MB");
}
