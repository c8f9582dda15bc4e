import type { DeployedState } from "./deployed-state";

/** A stack, and the name its state is kept under. */
export interface NamedState {
  readonly stack: string;
  readonly stateName: string;
}

/** A state file on this machine. */
export interface LocalBackendSettings {
  readonly kind: "local";
  /** Absolute. */
  readonly file: string;
}

/** The settings of Terraform's HTTP backend; the credentials it takes from the environment. */
export interface HttpBackendSettings {
  readonly kind: "http";
  readonly address: string;
  readonly lockAddress: string;
  readonly lockMethod: "POST";
  readonly unlockAddress: string;
  readonly unlockMethod: "DELETE";
  /** Seconds. */
  readonly retryWaitMin: number;
}

/** The state of one stack as it was found before the app is declared: where Terraform keeps it, and what the last deploy left in it. */
export interface StackState {
  readonly backend: LocalBackendSettings | HttpBackendSettings;
  readonly deployed: DeployedState;
  /** The reason why `deployed` tells nothing, without a full stop. @default - the state was read */
  readonly hidden?: string;
  /** Notices that people should read beside it. @default - nothing */
  readonly notices?: readonly string[];
}
