// The problems of a test's pages: console errors and warnings, violations of the content security policy, script errors,
// responses with an error's status, requests that failed, and requests to other machines. A test fails for each that it
// does not expect, and for each expected one that does not occur.

import { type BrowserContext, type ConsoleMessage, type Request, expect } from '@playwright/test';

const OWN_HOSTS = ['localhost', '127.0.0.1'];

/** What Chromium says of a request that a page has no more use for, and what Firefox says. */
const CANCELLED = ['net::ERR_ABORTED', 'NS_BINDING_ABORTED'];

export class BrowserLog {
  readonly #problems = new Set<string>();
  readonly #expected: RegExp[] = [];
  readonly #tolerated: RegExp[] = [];

  constructor(readonly hasIslands: boolean) {}

  /** Listens to all pages of the context, also those that it opens later. */
  listenTo(context: BrowserContext): void {
    context.on('console', (message) => this.#recordConsole(message));
    context.on('weberror', (error) => this.#problems.add(`script error: ${error.error().message}`));
    context.on('requestfailed', (request) => this.#recordFailure(request));
    context.on('response', (response) => {
      if (response.status() >= 400) this.#problems.add(errorStatus(response.status(), response.url()));
    });
    context.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      const isForeign = protocol.startsWith('http') && !OWN_HOSTS.includes(hostname);
      if (isForeign) this.#problems.add(`request to another machine: ${request.url()}`);
    });
  }

  #recordConsole(message: ConsoleMessage): void {
    if (!['error', 'warning'].includes(message.type())) return;
    const [text, { url }] = [message.text(), message.location()];
    // Chromium repeats in the console what a request's own event has said; Firefox does not.
    const status = /responded with a status of (\d+) /.exec(text)?.[1];
    if (status) this.#problems.add(errorStatus(Number(status), url));
    else if (text.includes('net::ERR_FAILED')) this.#problems.add(failure(url));
    else this.#problems.add(`${message.type()}: ${text} (${url})`);
  }

  #recordFailure(request: Request): void {
    const reason = request.failure()?.errorText ?? '';
    if (reason.includes('csp')) this.#problems.add(`blocked by policy: ${request.url()}`);
    else if (!CANCELLED.includes(reason)) this.#problems.add(failure(request.url()));
  }

  /** Expects a response with this status. */
  expectStatus(status: number): void {
    this.expect(new RegExp(`^${errorStatus(status, '')}`));
  }

  /** Expects a request that gets no response. */
  expectFailure(): void {
    this.expect(new RegExp(`^${failure('')}`));
  }

  /** Expects this status for a fetch of an island; without islands there is none. */
  expectStatusOfFetch(status: number): void {
    if (this.hasIslands) this.expectStatus(status);
  }

  /** Accepts any status, for tests that open every page. */
  tolerateStatuses(): void {
    this.#tolerated.push(/^status \d+: /);
  }

  expect(problem: RegExp): void {
    this.#expected.push(problem);
  }

  check(): void {
    const known = [...this.#expected, ...this.#tolerated];
    const problems = [...this.#problems];
    const unexpected = problems.filter((text) => !known.some((pattern) => pattern.test(text)));
    const absent = this.#expected.filter((pattern) => !problems.some((text) => pattern.test(text)));
    expect(unexpected, 'problems that the browser reported').toEqual([]);
    expect(absent.map(String), 'expected problems that did not occur').toEqual([]);
  }
}

function errorStatus(status: number, url: string): string {
  return `status ${status}: ${url}`;
}

function failure(url: string): string {
  return `failed: ${url}`;
}
