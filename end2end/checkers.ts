// Two checkers of accessibility that others wrote, run on the page that is open: axe-core, and HTML_CodeSniffer for WCAG
// at level AA. Both need JavaScript; what they find is the same without it.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

const sniffer = readFileSync(createRequire(import.meta.url).resolve('html_codesniffer/build/HTMLCS.js'), 'utf8');

/** The violations that axe-core finds, with every rule of WCAG 2.2 A and AA and its best practices but `except`. */
export async function axeViolations(page: Page, except: string[] = []): Promise<string[]> {
  // Off by default: targets of 24 pixels (2.5.8), and names that have the label in them (2.5.3).
  const rules = { 'target-size': { enabled: true }, 'label-content-name-mismatch': { enabled: true } };
  const axe = new AxeBuilder({ page }).options({ rules });
  const violations = (await axe.analyze()).violations.filter(({ id }) => !except.includes(id));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

interface Message {
  type: number;
  code: string;
  msg: string;
  element: Element;
}

interface Sniffer {
  process(standard: string, content: Document, done: () => void): void;
  getMessages(): Message[];
  readonly ERROR: number;
}

/** The errors that HTML_CodeSniffer finds, but those of `except`. Its warnings and notices are what a person must judge. */
export async function snifferErrors(page: Page, except: string[] = []): Promise<string[]> {
  await page.evaluate(sniffer);
  const errors = await page.evaluate(async () => {
    const { HTMLCS } = globalThis as unknown as { HTMLCS: Sniffer };
    await new Promise<void>((done) => HTMLCS.process('WCAG2AA', document, done));
    // What is hidden until it is needed, such as an error without a text yet, nobody meets.
    const isMet = (element: Element) => !document.body.contains(element) || element.checkVisibility();
    const errors = HTMLCS.getMessages().filter(({ type, element }) => type === HTMLCS.ERROR && isMet(element));
    return errors.map(({ code, msg, element }) => `${code}: ${msg} ${element.outerHTML?.slice(0, 120)}`);
  });
  return errors.filter((error) => !except.some((rule) => error.startsWith(`${rule}: `)));
}
