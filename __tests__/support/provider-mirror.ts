import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { outdir } from "./synth";
import { REGISTRY } from "./tested-terraform";
import { zipArchive } from "./zip-archive";

const PLATFORMS = ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64"];

/** The platform the tests run on, as Terraform names it. */
export const HERE = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;

/** A provider release of a mirror. */
export interface MirroredProvider {
  /** @default "gitlabhq/gitlab" */
  readonly source?: string;
  readonly release: string;
  /** @default - that of the program that is tested */
  readonly registry?: string;
}

/**
 * A mirror of provider archives for Terraform to install from, and the only place it looks. Each provider in it is a program that notes
 * from where it is run, and leads Terraform to the sandbox's stand-in; so plans and applies work.
 */
export class ProviderMirror {
  private readonly root = outdir();
  readonly folder = path.join(this.root, "mirror");
  private readonly log = path.join(this.root, "runs");
  private readonly configuration = path.join(this.root, "terraformrc");

  /** @param reattach the stand-in, as in TF_REATTACH_PROVIDERS */
  constructor(private readonly reattach: string) {
    mkdirSync(this.folder);
    writeFileSync(
      this.configuration,
      `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(this.folder)}\n  }\n}\n`,
    );
  }

  /** What Terraform needs in its environment. */
  get environment(): Record<string, string> {
    // The stand-in speaks without the encryption that Terraform asks of a provider it starts itself.
    return { TF_CLI_CONFIG_FILE: this.configuration, TF_DISABLE_PLUGIN_TLS: "1", CHECKPOINT_DISABLE: "1" };
  }

  add({ source = "gitlabhq/gitlab", release, registry = REGISTRY }: MirroredProvider): void {
    const type = path.basename(source);
    const folder = path.join(this.folder, registry, source);
    mkdirSync(folder, { recursive: true });
    for (const platform of PLATFORMS) {
      const archive = zipArchive({ [this.programName(type, release)]: this.program(source, release, platform) });
      writeFileSync(path.join(folder, `terraform-provider-${type}_${release}_${platform}.zip`), archive);
    }
  }

  /** The checksum of a release's unpacked archive, as a lock file has it. */
  checksum({ source = "gitlabhq/gitlab", release }: MirroredProvider, platform = HERE): string {
    const program = createHash("sha256")
      .update(this.program(source, release, platform))
      .digest("hex");
    const listed = `${program}  ${this.programName(path.basename(source), release)}\n`;
    return `h1:${createHash("sha256").update(listed).digest("base64")}`;
  }

  /** Every run of a provider: the program's own path, links resolved. */
  get runs(): string[] {
    return existsSync(this.log) ? readFileSync(this.log, "utf8").trimEnd().split("\n") : [];
  }

  private programName(type: string, release: string): string {
    return `terraform-provider-${type}_v${release}`;
  }

  private program(source: string, release: string, platform: string): string {
    const [{ Addr }] = Object.values(JSON.parse(this.reattach)) as [{ Addr: { Network: string; String: string } }];
    const [host, port] = Addr.Network === "tcp" ? Addr.String.split(":") : [];
    const standIn = host === undefined ? { path: Addr.String } : { host, port: Number(port) };
    return [
      `#!${process.execPath}`,
      `// ${source} ${release} ${platform}`,
      'const net = require("node:net");',
      'const fs = require("node:fs");',
      `fs.appendFileSync(${JSON.stringify(this.log)}, fs.realpathSync(__filename) + "\\n");`,
      "const server = net.createServer((terraform) => {",
      `  terraform.pipe(net.connect(${JSON.stringify(standIn)})).pipe(terraform);`,
      '  terraform.on("error", () => {}).on("close", () => process.exit());',
      "});",
      'server.listen(0, "127.0.0.1", () => console.log(`1|6|tcp|127.0.0.1:${server.address().port}|grpc|`));',
      "",
    ].join("\n");
  }
}
