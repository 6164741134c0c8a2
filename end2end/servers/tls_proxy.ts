// A reverse proxy as in production: https to the browser, http to the app. openssl makes a self-signed certificate.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { type Server, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export class TlsProxy {
  /** The port of the app; set once it is known. */
  target = 0;
  /** What becomes of a request before it reaches the app: a connection that is cut, or one that waits first. */
  intervene: (url: string) => Promise<'pass' | 'cut'> = async () => 'pass';
  /** Pages of tests, by their paths, in place of the app's. */
  readonly pages = new Map<string, string>();
  /** What browsers requested before their users asked for it. */
  readonly speculations: string[] = [];

  private constructor(
    readonly port: number,
    readonly server: Server,
  ) {}

  static async start(folder: string): Promise<TlsProxy> {
    const server = createServer(certificate(folder)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new TlsProxy((server.address() as AddressInfo).port, server);
    server.on('request', async (incoming, outgoing) => {
      const { method, url = '', headers } = incoming;
      const page = proxy.pages.get(url);
      if (page !== undefined) {
        outgoing.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
        return;
      }
      if ((await proxy.intervene(url)) === 'cut') {
        outgoing.destroy();
        return;
      }
      if (headers['sec-purpose'] !== undefined) proxy.speculations.push(url);
      const forwarded = request({ host: '127.0.0.1', port: proxy.target, method, path: url, headers }, (response) => {
        outgoing.writeHead(response.statusCode ?? 502, response.rawHeaders);
        response.pipe(outgoing);
      });
      forwarded.on('error', () => outgoing.destroy());
      incoming.pipe(forwarded);
    });
    return proxy;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

function certificate(folder: string): { key: Buffer; cert: Buffer } {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'pipe' });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}
