import type { Commands } from "./command";
import { inDays } from "./ops-repository";
import type { SandboxProcess } from "./sandbox-process";

/** The project whose jobs have it. */
const HOME = "projects/xlink%2Fshop/variables";

/** The thing that grows where nobody declares anything: a person's token, good for all of the API, pasted into a variable that every branch's jobs see. */
export class PastedToken {
  static readonly KEY = "DANAS_TOKEN";

  private constructor(
    private readonly sandbox: SandboxProcess,
    private readonly id: number,
  ) {}

  static async make(commands: Commands, sandbox: SandboxProcess): Promise<PastedToken> {
    const [dana] = await sandbox.api<[{ id: number }]>("GET users?username=dana");
    const { id, token } = await sandbox.api<{ id: number; token: string }>(
      `POST users/${dana.id}/personal_access_tokens`,
      { name: "for CI", scopes: ["api"], expires_at: inDays(360) },
    );
    commands.hide(token);
    await sandbox.api(`POST ${HOME}`, { key: PastedToken.KEY, value: token, protected: false, masked: false });
    return new PastedToken(sandbox, id);
  }

  /** Revokes the token, which is left to do once no job uses it. */
  async revoke(): Promise<void> {
    await this.sandbox.api(`DELETE ${HOME}/${PastedToken.KEY}`);
    await this.sandbox.api(`DELETE personal_access_tokens/${this.id}`);
  }
}
