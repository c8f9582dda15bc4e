import type { Store } from "../model/store";

const FAILURES_ALLOWED = 30;
const FAILURE_WINDOW_MS = 3 * 60_000;
const BAN_MS = 60 * 60_000;

/**
 * GitLab's ban of an address after 30 failed Git logins in 3 minutes, for an hour; off unless the instance setting
 * `failed_git_login_ban_enabled` is on. A success forgets the failures.
 */
export class LoginBan {
  private readonly failures = new Map<string, number[]>();
  private readonly bannedUntil = new Map<string, number>();

  constructor(private readonly store: Store) {}

  isBanned(address: string): boolean {
    return this.enabled && (this.bannedUntil.get(address) ?? 0) > this.now;
  }

  succeeded(address: string): void {
    this.failures.delete(address);
    this.bannedUntil.delete(address);
  }

  failed(address: string): void {
    if (!this.enabled) return;
    const recent = (this.failures.get(address) ?? []).filter((moment) => moment > this.now - FAILURE_WINDOW_MS);
    recent.push(this.now);
    this.failures.set(address, recent);
    if (recent.length >= FAILURES_ALLOWED) {
      this.bannedUntil.set(address, this.now + BAN_MS);
      this.failures.delete(address);
    }
  }

  private get enabled(): boolean {
    return this.store.settings.failed_git_login_ban_enabled;
  }

  private get now(): number {
    return this.store.clock.now().getTime();
  }
}
