// A client of the emulated Kinde tenant's switchboard, by which tests control the tenant.
// `src/dev_issuer.rs` describes it.

type Settings = Record<string, unknown>;

/** One protocol request that the tenant received. */
export interface LogEntry {
  method: string;
  path: string;
  [detail: string]: unknown;
}

export class Tenant {
  readonly #defaults: Settings;

  private constructor(
    readonly issuer: string,
    settings: Settings,
  ) {
    this.#defaults = settings;
  }

  static async at(issuer: string): Promise<Tenant> {
    const response = await fetch(`${issuer}/dev/settings`);
    return new Tenant(issuer, (await response.json()) as Settings);
  }

  /** Switches a fault on for so many uses. */
  async fault(fault: string, times = 1): Promise<void> {
    await this.#send('POST', '/dev/faults', { fault, times });
  }

  async settings(changes: Settings): Promise<void> {
    await this.#send('PATCH', '/dev/settings', changes);
  }

  /** Changes a person, which may end what the person has begun. */
  async changePerson(key: string, changes: Settings): Promise<void> {
    await this.#send('PATCH', `/dev/people/${key}`, changes);
  }

  /** Goes back to the seed: nobody is signed in at the tenant. */
  async forgetEverybody(): Promise<void> {
    await this.#send('POST', '/dev/reset', {});
  }

  /** Switches faults off, empties the log and restores the settings. */
  async reset(): Promise<void> {
    await this.#send('DELETE', '/dev/faults');
    await this.forgetLog();
    await this.settings(this.#defaults);
  }

  async forgetLog(): Promise<void> {
    await this.#send('DELETE', '/dev/log');
  }

  /** The last events that changes caused. */
  async deliveries(): Promise<unknown[]> {
    return (await (await fetch(`${this.issuer}/dev/deliveries`)).json()) as unknown[];
  }

  async log(): Promise<LogEntry[]> {
    return (await (await fetch(`${this.issuer}/dev/log`)).json()) as LogEntry[];
  }

  async #send(method: string, path: string, body?: unknown): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(this.issuer + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
    } as RequestInit);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }
}
