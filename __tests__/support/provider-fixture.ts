import { ProviderServer } from "../../sandbox/provider/provider-server";
import type { ProviderVersion } from "../../sandbox/provider/resource";
import { Sandbox } from "../../sandbox/sandbox";
import { TerraformWorkspace } from "./terraform-workspace";

export interface ProviderFixtureOptions {
  readonly edition?: "free" | "premium";
  /** @default - of a free one ce */
  readonly package?: "ce" | "ee";
  /** Major version of the provider. @default 18 */
  readonly version?: ProviderVersion;
  readonly quirks?: "18.6";
  /** The sandbox's and the provider's day at the start. @default 2026-01-15 */
  readonly today?: string;
}

/** An answer of the sandbox's API, for what a test does by hand, as a person would in the web UI. */
export interface ApiAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever GitLab answers; each test knows its shape.
  readonly body: any;
}

/** A sandbox, the provider stand-in attached to it, and real Terraform beside: all on one clock that stands still. */
export class ProviderFixture {
  private constructor(
    readonly sandbox: Sandbox,
    readonly provider: ProviderServer,
    readonly terraform: TerraformWorkspace,
    private readonly clock: { today: string },
  ) {}

  static async start({
    edition,
    package: installed,
    version,
    quirks,
    today = "2026-01-15",
  }: ProviderFixtureOptions = {}): Promise<ProviderFixture> {
    const clock = { today };
    const now = () => new Date(`${clock.today}T12:00:00Z`);
    const sandbox = await Sandbox.start({ edition, package: installed, provider: "registry", now });
    const provider = await ProviderServer.start({
      baseUrl: sandbox.url,
      token: sandbox.adminToken,
      version,
      quirks,
      now,
      backoff: { serverError: [1, 2], rateLimit: 1 },
    });
    const terraform = await TerraformWorkspace.create({ TF_REATTACH_PROVIDERS: provider.reattach });
    const fixture = new ProviderFixture(sandbox, provider, terraform, clock);
    await fixture.made("POST", "groups", { name: "xlink", path: "xlink" });
    return fixture;
  }

  async stop(): Promise<void> {
    await this.provider.stop();
    await this.sandbox.stop();
    await this.terraform.remove();
  }

  setToday(today: string): void {
    this.clock.today = today;
  }

  /** Calls the REST API as the administrator. */
  async api(method: string, path: string, body?: object): Promise<ApiAnswer> {
    const response = await fetch(`${this.sandbox.url}/api/v4/${path}`, {
      method,
      headers: { "PRIVATE-TOKEN": this.sandbox.adminToken, "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? null : JSON.parse(text) };
  }

  /** As {@link api}, for what must succeed; gives the body. */
  async made(method: string, path: string, body?: object): Promise<ApiAnswer["body"]> {
    const answer = await this.api(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** A project in the group `xlink` with a README, so that its default branch `main` exists and is protected. */
  async createProject(name: string): Promise<{ path: string; id: number }> {
    const group = await this.made("GET", "groups/xlink");
    const project = await this.made("POST", "projects", {
      name,
      namespace_id: group.id,
      default_branch: "main",
      initialize_with_readme: true,
    });
    return { path: project.path_with_namespace, id: project.id };
  }

  /** Makes the next matching API calls fail, or lose their answer. */
  async fault(fault: object): Promise<void> {
    await fetch(`${this.sandbox.url}/-/sandbox/faults`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(fault),
    });
  }

  /** The calls since the last {@link forgetCalls}: `["DELETE projects/xlink/a/protected_branches/main", …]`. */
  async calls(method?: string): Promise<string[]> {
    const response = await fetch(`${this.sandbox.url}/-/sandbox/requests`);
    const log = (await response.json()) as { method: string; path: string }[];
    return log
      .filter((call) => method === undefined || call.method === method)
      .map((call) => `${call.method} ${call.path.replace(/^\/api\/v4\//, "")}`);
  }

  /** Calls that change something, since the last {@link forgetCalls}. */
  async writes(): Promise<string[]> {
    return (await this.calls()).filter((call) => !call.startsWith("GET "));
  }

  async forgetCalls(): Promise<void> {
    await fetch(`${this.sandbox.url}/-/sandbox/requests`, { method: "DELETE" });
  }

  /** Writes the configuration and applies it; throws with Terraform's errors when that fails. */
  async applied(resource: object): Promise<void> {
    await this.terraform.write({ resource });
    const result = await this.terraform.apply();
    if (result.exitCode !== 0) throw new Error(`apply failed:\n${result.stdout}\n${result.stderr}`);
  }
}
