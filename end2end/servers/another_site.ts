// A site that is not ours. It is on 127.0.0.1 and ours on localhost, so browsers treat requests as cross-site.

import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export class AnotherSite {
  readonly #pages = new Map<string, string>();

  private constructor(
    readonly url: string,
    readonly server: Server,
  ) {}

  static async start(): Promise<AnotherSite> {
    const server = createServer((request, response) => {
      const page = site.#pages.get(request.url ?? '/');
      response.writeHead(page ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' }).end(page);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const site = new AnotherSite(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server);
    return site;
  }

  /** Publishes a page and returns its URL. */
  publish(content: string): string {
    const path = `/${this.#pages.size}`;
    const head = '<meta charset="utf-8"><title>Another site</title><link rel="icon" href="data:,">';
    this.#pages.set(path, `<!doctype html><html lang="en">${head}<body>${content}</body></html>`);
    return this.url + path;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
