// What a screen reader says on the page that is open, from its top to its end: a virtual one, which reads the page by the
// rules of ARIA and accessible names (npm's @guidepup/virtual-screen-reader).

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';

const require = createRequire(import.meta.url);
const bundle = readFileSync(require.resolve('@guidepup/virtual-screen-reader/browser.js'), 'utf8');
/** The bundle as a plain script: a policy that lets no foreign module load does not concern it. */
const script = bundle.replace(/export\s*\{[^}]*?([^\s,{]+) as virtual\s*\};/, 'globalThis.screenReader = $1;');

interface ScreenReader {
  start(options: { container: Element }): Promise<void>;
  next(): Promise<void>;
  lastSpokenPhrase(): Promise<string>;
  spokenPhraseLog(): Promise<string[]>;
  stop(): Promise<void>;
}

/** What differs from one run or build to the next, and what stands for it. */
const CHANGING: [RegExp, string][] = [
  [/(localhost|127\.0\.0\.1):\d+/g, '$1:PORT'],
  [/\d{1,2} \w{3,9} \d{4}|\d{4}-\d\d-\d\d/g, 'DATE'],
  [/\b([0-9a-f]{2}:){7,}[0-9a-f]{2}\b/g, 'FINGERPRINT'],
  [/\d\d:\d\d(:\d\d)?(\.\d+)?Z?/g, 'TIME'],
  [/\b[0-9a-f]{32}\b/g, 'ID'],
  [/^[\w-]{22}$/gm, 'ID'],
  [/^listitem, .*$/gm, 'listitem'],
  [/(listitem\ncode\n[A-Z_]+\n)+/g, 'listitem\ncode\nSETTINGS\n'],
  [/\bNot set: \d+/g, 'Not set: NUMBER'],
  [/\bSign-in \d+/g, 'Sign-in NUMBER'],
  // The last step is the keys, unless the app had them.
  [/\bcame to: .*$/gm, 'came to: STEP'],
  [/\b(Chrome|Chromium|Firefox) on \w+/g, 'BROWSER'],
];

/** One line for each phrase. Where an element ends is left out: that follows from where the next begins. */
export async function transcript(page: Page): Promise<string> {
  await page.evaluate(`${script}; undefined`);
  const phrases = await page.evaluate(async () => {
    const { screenReader } = globalThis as unknown as { screenReader: ScreenReader };
    await screenReader.start({ container: document.body });
    while ((await screenReader.lastSpokenPhrase()) !== 'end of document') await screenReader.next();
    const spoken = await screenReader.spokenPhraseLog();
    await screenReader.stop();
    return spoken.filter((phrase) => !phrase.startsWith('end of '));
  });
  const text = [`title: ${await page.title()}`, ...phrases].join('\n');
  return `${CHANGING.reduce((changed, [pattern, name]) => changed.replace(pattern, name), text)}\n`;
}
