// What a browser complains about during a test: console errors, violations of the content security policy, script
// errors, and requests to any machine but this one. A test fails for each that it does not announce, and for each
// that it announces in vain.

import { type BrowserContext, type ConsoleMessage, expect } from '@playwright/test';

const OWN_HOSTS = ['localhost', '127.0.0.1'];

export class BrowserLog {
  readonly #complaints: string[] = [];
  readonly #expected: RegExp[] = [];
  readonly #tolerated: RegExp[] = [];

  constructor(readonly hasIslands: boolean) {}

  /** Listens to every page that the context has and will have. */
  listenTo(context: BrowserContext): void {
    context.on('console', (message) => this.#hear(message));
    context.on('weberror', (error) => this.#complaints.push(`script error: ${error.error().message}`));
    context.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? '';
      if (reason.includes('csp')) this.#complaints.push(`blocked by policy: ${request.url()}`);
    });
    context.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      const isForeign = protocol.startsWith('http') && !OWN_HOSTS.includes(hostname);
      if (isForeign) this.#complaints.push(`request to another machine: ${request.url()}`);
    });
  }

  #hear(message: ConsoleMessage): void {
    if (['error', 'warning'].includes(message.type())) {
      this.#complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    }
  }

  /** Announces that pages of this status come: browsers log them as errors. */
  expectStatus(status: number): void {
    this.expect(new RegExp(`responded with a status of ${status} `));
  }

  /** Announces that a call of an island is answered so; where there are no islands, nothing is to come. */
  expectStatusOfCall(status: number): void {
    if (this.hasIslands) this.expectStatus(status);
  }

  /** For tests that open all pages alike, whatever their status. */
  tolerateStatuses(): void {
    this.#tolerated.push(/responded with a status of \d+ /);
  }

  /** Announces a complaint. */
  expect(complaint: RegExp): void {
    this.#expected.push(complaint);
  }

  check(): void {
    const known = [...this.#expected, ...this.#tolerated];
    const unexpected = this.#complaints.filter((text) => !known.some((pattern) => pattern.test(text)));
    const absent = this.#expected.filter((pattern) => !this.#complaints.some((text) => pattern.test(text)));
    expect(unexpected, 'complaints of the browser').toEqual([]);
    expect(absent.map(String), 'announced complaints that did not come').toEqual([]);
  }
}
