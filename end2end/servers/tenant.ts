// The emulated Kinde tenant as tests see it: its switchboard over HTTP, with verbs of its own.
// What it can do is described in `src/dev_issuer.rs`.

type Settings = Record<string, unknown>;

/** One protocol request that the tenant received. */
export interface LogEntry {
  method: string;
  path: string;
  [detail: string]: unknown;
}

export class Tenant {
  readonly #usualSettings: Settings;

  private constructor(
    readonly issuer: string,
    settings: Settings,
  ) {
    this.#usualSettings = settings;
  }

  static async at(issuer: string): Promise<Tenant> {
    const answer = await fetch(`${issuer}/dev/settings`);
    return new Tenant(issuer, (await answer.json()) as Settings);
  }

  /** Misbehaves in this way, so many times. */
  async misbehaves(fault: string, times = 1): Promise<void> {
    await this.#send('POST', '/dev/faults', { fault, times });
  }

  async isSet(settings: Settings): Promise<void> {
    await this.#send('PATCH', '/dev/settings', settings);
  }

  /** Behaves as at the start, and has forgotten what it was asked. */
  async recovers(): Promise<void> {
    await this.#send('DELETE', '/dev/faults');
    await this.#send('DELETE', '/dev/log');
    await this.isSet(this.#usualSettings);
  }

  async log(): Promise<LogEntry[]> {
    return (await (await fetch(`${this.issuer}/dev/log`)).json()) as LogEntry[];
  }

  async #send(method: string, path: string, body?: unknown): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(this.issuer + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
    } as RequestInit);
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  }
}
