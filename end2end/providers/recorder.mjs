// A reverse proxy in front of a provider: browser and app know the provider by its address, and it records what they
// send. Providers name their endpoints after the Host header, which it leaves as it is.

import { EventEmitter, once } from 'node:events';
import { createServer, request } from 'node:http';

const PATIENCE = 20_000;

export class Recorder {
  /** Requests in the order of their arrival: method, path, parameters, authorization, status and time of response. */
  #requests = [];
  #responses = new EventEmitter();
  #server;
  #target;

  static async start() {
    const recorder = new Recorder();
    recorder.#server = createServer((incoming, outgoing) => recorder.#forward(incoming, outgoing));
    recorder.#server.listen(0, '127.0.0.1');
    await once(recorder.#server, 'listening');
    recorder.url = `http://127.0.0.1:${recorder.#server.address().port}`;
    return recorder;
  }

  /** Sets the port of the provider. */
  forwardTo(port) {
    this.#target = port;
  }

  /** The requests that arrived at a path so far. */
  requests(path) {
    return this.#requests.filter((recorded) => recorded.path === path);
  }

  /** Waits until so many requests to a path have their responses, and returns them. */
  async responded(path, count = 1) {
    const signal = AbortSignal.timeout(PATIENCE);
    for (;;) {
      const responded = this.requests(path).filter(({ status }) => status);
      if (responded.length >= count) return responded;
      try {
        await once(this.#responses, 'response', { signal });
      } catch {
        throw new Error(`${responded.length} instead of ${count} requests to ${path}`);
      }
    }
  }

  /** Forgets the requests so far. */
  forget() {
    this.#requests = [];
  }

  stop() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #forward(incoming, outgoing) {
    const body = Buffer.concat(await incoming.toArray());
    const { method, url } = incoming;
    const { pathname, searchParams } = new URL(url, this.url);
    const form = new URLSearchParams(body.toString());
    const parameters = Object.fromEntries([...searchParams, ...form]);
    const { connection, ...headers } = incoming.headers;
    const recorded = { method, path: pathname, parameters, authorization: headers.authorization };
    this.#requests.push(recorded);
    const forwarded = request({ host: '127.0.0.1', port: this.#target, method, path: url, headers, agent: false });
    forwarded.on('error', () => outgoing.destroy());
    forwarded.on('response', (response) => {
      outgoing.writeHead(response.statusCode, response.rawHeaders);
      response.pipe(outgoing);
      Object.assign(recorded, { status: response.statusCode, respondedAt: Date.now() });
      this.#responses.emit('response');
    });
    forwarded.end(body);
  }
}
