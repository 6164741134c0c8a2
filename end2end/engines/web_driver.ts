// A session of WebDriver (W3C) with the commands that the specs of this folder need. How commands travel differs: over
// HTTP to the drivers of Chromium and WebKit, which is here, and to Firefox itself by Marionette, which is in
// `marionette.ts`.

/** A command by its name in the WebDriver specification. */
export type Command =
  | 'Navigate To'
  | 'Back'
  | 'Forward'
  | 'Execute Script'
  | 'Execute Async Script'
  | 'Find Element'
  | 'Element Click'
  | 'New Window'
  | 'Get Window Handle'
  | 'Get Window Handles'
  | 'Switch To Window'
  | 'Delete Session'
  | 'Quit';

/** Sends commands to a browser. */
export interface Connection {
  send(command: Command, parameters: Record<string, unknown>): Promise<unknown>;
}

/** Where the specification has each command, below the session. */
const ENDPOINTS: Record<Command, string> = {
  'Navigate To': 'POST /url',
  Back: 'POST /back',
  Forward: 'POST /forward',
  'Execute Script': 'POST /execute/sync',
  'Execute Async Script': 'POST /execute/async',
  'Find Element': 'POST /element',
  'Element Click': 'POST /element/{id}/click',
  'New Window': 'POST /window/new',
  'Get Window Handle': 'GET /window',
  'Get Window Handles': 'GET /window/handles',
  'Switch To Window': 'POST /window',
  'Delete Session': 'DELETE ',
  // The drivers end their browser with its session.
  Quit: 'DELETE ',
};

/** A driver that speaks HTTP. */
export class HttpConnection implements Connection {
  private constructor(readonly session: string) {}

  static async open(origin: string, alwaysMatch: object): Promise<HttpConnection> {
    const session = await request('POST', `${origin}/session`, { capabilities: { alwaysMatch } });
    const { sessionId } = session as { sessionId: string };
    return new HttpConnection(`${origin}/session/${sessionId}`);
  }

  async send(command: Command, parameters: Record<string, unknown>): Promise<unknown> {
    const [method, path] = ENDPOINTS[command].split(' ');
    const { id, ...body } = parameters;
    return request(method, this.session + path.replace('{id}', String(id)), method === 'POST' ? body : undefined);
  }
}

async function request(method: string, url: string, body?: object): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const { value } = (await response.json()) as { value: { error?: string; message?: string } | null };
  if (!response.ok) throw new Error(`${value?.error}: ${value?.message}`);
  return value;
}

/** A browser under test. Commands do not wait for pages, because WebKit's driver may then wait forever: specs look again. */
export class WebDriver {
  constructor(readonly connection: Connection) {}

  async open(url: string): Promise<void> {
    await this.connection.send('Navigate To', { url });
  }

  async back(): Promise<void> {
    await this.connection.send('Back', {});
  }

  async forward(): Promise<void> {
    await this.connection.send('Forward', {});
  }

  /** Runs the body of a function in the page. WebKit's driver may never respond for a page that is being left. */
  async run(script: string, ...args: unknown[]): Promise<unknown> {
    return withinTime(this.connection.send('Execute Script', { script, args }));
  }

  /** Runs the body of an async function in the page. */
  async runAsync(script: string): Promise<unknown> {
    const body = `const done = arguments[0]; (async () => {${script}})().then(done, (error) => done(String(error)))`;
    return this.connection.send('Execute Async Script', { script: body, args: [] });
  }

  async click(xpath: string): Promise<void> {
    const found = await this.connection.send('Find Element', { using: 'xpath', value: xpath });
    await this.connection.send('Element Click', { id: Object.values(found as object)[0] });
  }

  /** The heading of the page, if it can be seen. */
  async heading(): Promise<unknown> {
    return this.run(`const heading = document.querySelector('h1');
      return heading?.checkVisibility() ? heading.innerText : ''`);
  }

  /** The text of the page that can be seen. */
  async text(): Promise<string> {
    return String(await this.run(`return document.body?.checkVisibility() ? document.body.innerText : ''`));
  }

  async window(): Promise<string> {
    return (await this.connection.send('Get Window Handle', {})) as string;
  }

  /** Goes to the first tab that shows a page of some site. Returns `false` when there is none. */
  async switchToPage(): Promise<boolean> {
    for (const handle of (await this.connection.send('Get Window Handles', {})) as string[]) {
      await this.switchTo(handle);
      if (await this.run(`return location.protocol.startsWith('http')`)) return true;
    }
    return false;
  }

  /** Opens a tab and goes there. */
  async openTab(): Promise<void> {
    const { handle } = (await this.connection.send('New Window', { type: 'tab' })) as { handle: string };
    await this.switchTo(handle);
  }

  async switchTo(handle: string): Promise<void> {
    await this.connection.send('Switch To Window', { handle });
  }

  /** Ends the browser as its user would, so that it keeps its windows. */
  async quit(): Promise<void> {
    await this.connection.send('Quit', { flags: ['eAttemptQuit'] });
  }

  async close(): Promise<void> {
    // WebKit's driver may not respond to a session whose page is still loading.
    await withinTime(this.connection.send('Delete Session', {})).catch(() => undefined);
  }
}

/** Milliseconds after which no response to a command is expected any more. */
const PATIENCE = 2_000;

async function withinTime<T>(response: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the browser does not respond')), PATIENCE);
  });
  return Promise.race([response, late]).finally(() => clearTimeout(timer));
}
