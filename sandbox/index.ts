/** The public API of the package `gitlab-sandbox`; everything else in it may change in any release. */
export { Sandbox, type SandboxOptions } from "./sandbox";
export { readSeed, type Seed } from "./seed";
