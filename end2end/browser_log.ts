// The problems that a browser reports during a test: console errors and warnings, violations of the content security
// policy, script errors, and requests to other machines. A test fails for each that it does not expect, and for each
// expected one that does not occur.

import { type BrowserContext, type ConsoleMessage, expect } from '@playwright/test';

const OWN_HOSTS = ['localhost', '127.0.0.1'];

export class BrowserLog {
  readonly #problems: string[] = [];
  readonly #expected: RegExp[] = [];
  readonly #tolerated: RegExp[] = [];

  constructor(readonly hasIslands: boolean) {}

  /** Listens to all pages of the context, also those that it opens later. */
  listenTo(context: BrowserContext): void {
    context.on('console', (message) => this.#record(message));
    context.on('weberror', (error) => this.#problems.push(`script error: ${error.error().message}`));
    context.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? '';
      if (reason.includes('csp')) this.#problems.push(`blocked by policy: ${request.url()}`);
    });
    context.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      const isForeign = protocol.startsWith('http') && !OWN_HOSTS.includes(hostname);
      if (isForeign) this.#problems.push(`request to another machine: ${request.url()}`);
    });
  }

  #record(message: ConsoleMessage): void {
    if (['error', 'warning'].includes(message.type())) {
      this.#problems.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    }
  }

  /** Expects pages with this status: browsers log them as errors. */
  expectStatus(status: number): void {
    this.expect(new RegExp(`responded with a status of ${status} `));
  }

  /** Expects this status for a fetch of an island; without islands there is none. */
  expectStatusOfFetch(status: number): void {
    if (this.hasIslands) this.expectStatus(status);
  }

  /** Accepts any status, for tests that open every page. */
  tolerateStatuses(): void {
    this.#tolerated.push(/responded with a status of \d+ /);
  }

  expect(problem: RegExp): void {
    this.#expected.push(problem);
  }

  check(): void {
    const known = [...this.#expected, ...this.#tolerated];
    const unexpected = this.#problems.filter((text) => !known.some((pattern) => pattern.test(text)));
    const absent = this.#expected.filter((pattern) => !this.#problems.some((text) => pattern.test(text)));
    expect(unexpected, 'problems that the browser reported').toEqual([]);
    expect(absent.map(String), 'expected problems that did not occur').toEqual([]);
  }
}
