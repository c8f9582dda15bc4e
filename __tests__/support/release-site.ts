import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as library from "@hashicorp/js-releases/out/utils";
import { zipArchive } from "./zip-archive";

const SITE = "https://releases.hashicorp.com";
const VERSION = "1.11.4";
const FILE = `terraform_${VERSION}_linux_amd64.zip`;
const SUMS = `terraform_${VERSION}_SHA256SUMS`;

/** An OpenPGP signature packet that can be read and is nobody's. */
const FOREIGN_SIGNATURE = Buffer.from("88130400010800060502600000000000abcd0008ff", "hex");

/** A copy of releases.hashicorp.com with one release, to which HashiCorp's library is led. Everything but the address is the real library. */
export class ReleaseSite {
  readonly requests: string[] = [];
  /** What the checksum list says of the archive. */
  listedChecksum: string;
  /** Breaks the archive's download off after its first half. */
  breaksOff = false;
  private readonly archive: Buffer;

  private constructor(
    private readonly server: Server,
    program: string,
  ) {
    this.archive = zipArchive({ "LICENSE.txt": "Not Terraform.\n", terraform: program });
    this.listedChecksum = this.checksum;
  }

  /** @param program what the archive's `terraform` is, such as a shell script */
  static async start(program: string): Promise<ReleaseSite> {
    const server = createServer();
    const site = new ReleaseSite(server, program);
    server.on("request", (request, response) => {
      site.requests.push(request.url ?? "");
      const body = site.answer(request.url ?? "");
      if (body === undefined) return response.writeHead(404).end();
      if (!site.breaksOff || body !== site.archive) return response.end(body);
      response.writeHead(200, { "content-length": body.length });
      return response.write(body.subarray(0, body.length / 2), () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    site.leadTheLibraryHere();
    return site;
  }

  /** SHA-256 of the archive. */
  get checksum(): string {
    return createHash("sha256").update(this.archive).digest("hex");
  }

  async stop(): Promise<void> {
    jest.restoreAllMocks();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private leadTheLibraryHere(): void {
    const { port } = this.server.address() as AddressInfo;
    const request = library.request;
    jest
      .spyOn(library, "request")
      .mockImplementation((url, options) => request(url.replace(SITE, `http://127.0.0.1:${port}`), options));
  }

  private answer(url: string): string | Buffer | undefined {
    const folder = `/terraform/${VERSION}`;
    const build = { os: "linux", arch: "amd64", filename: FILE, url: `${SITE}${folder}/${FILE}` };
    const release = {
      name: "terraform",
      version: VERSION,
      builds: [build],
      shasums: SUMS,
      shasums_signature: `${SUMS}.sig`,
      shasums_signatures: [`${SUMS}.72D7468F.sig`],
    };
    const files: Record<string, string | Buffer> = {
      "/terraform/index.json": JSON.stringify({ name: "terraform", versions: { [VERSION]: release } }),
      [`${folder}/${FILE}`]: this.archive,
      [`${folder}/${SUMS}`]: `${this.listedChecksum}  ${FILE}\n`,
      [`${folder}/${SUMS}.72D7468F.sig`]: FOREIGN_SIGNATURE,
    };
    return files[url];
  }
}
