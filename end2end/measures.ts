// What can be measured of a page for WCAG 2.2: each function returns what fails, in words, and nothing on a page that
// passes. They leave the page as they found it, but for the focus.

import type { Page } from '@playwright/test';

/** No page has as many stops of the Tab key. */
const MOST_STOPS = 600;

/**
 * 2.1.1, 2.1.2, 2.4.7 and 2.4.11: goes through the page by Tab. Every control is reached and left; where the focus is can
 * be seen, and something else does not cover it.
 */
export async function keyboardFindings(page: Page): Promise<string[]> {
  const controls = await page.evaluate(() => {
    // From here the next Tab goes on, wherever the focus was before.
    const start = document.createElement('span');
    start.tabIndex = -1;
    document.body.prepend(start);
    start.focus();
    start.remove();
    scrollTo(0, 0);
    const selector = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
    // A group of radio buttons is one stop.
    const groups = new Set<string>();
    const isStop = (element: Element) => {
      if (!element.checkVisibility({ visibilityProperty: true }) || element.matches(':disabled')) return false;
      if (!(element instanceof HTMLInputElement) || element.type !== 'radio') return true;
      const isNew = !groups.has(element.name);
      groups.add(element.name);
      return isNew;
    };
    return [...document.querySelectorAll(selector)].filter(isStop).length;
  });
  const findings: string[] = [];
  for (let stops = 0; stops <= MOST_STOPS; stops += 1) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body || element === document.documentElement) return undefined;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return {
        name: element.outerHTML.slice(0, 100),
        isMarked: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2,
      };
    });
    if (!focus) {
      if (stops !== controls) findings.push(`Tab stops at ${stops} of ${controls} controls`);
      return findings;
    }
    if (!(await focusIsSeen(page))) findings.push(`has the focus and cannot be seen: ${focus.name}`);
    if (!focus.isMarked) findings.push(`has the focus and no outline: ${focus.name}`);
  }
  return [...findings, `Tab does not leave the page after ${MOST_STOPS} stops`];
}

/** Whether some of what has the focus is in view, and nothing else covers it there. The page itself covers nothing. */
export async function focusIsSeen(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body || element === document.documentElement) return true;
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const [x1, x2] = [Math.max(left, 0), Math.min(right, innerWidth)];
    const [y1, y2] = [Math.max(top, 0), Math.min(bottom, innerHeight)];
    if (x2 <= x1 || y2 <= y1) return false;
    const parts = [0.1, 0.5, 0.9];
    const points = parts.flatMap((x) => parts.map((y) => [x1 + x * (x2 - x1), y1 + y * (y2 - y1)]));
    return points.some(([x, y]) => element.contains(document.elementFromPoint(x, y)));
  });
}

/** 1.4.10 and 1.4.4: by how many pixels the content is wider than the window. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** The spacing of 1.4.12. */
const SPACING = `
  * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
  p { margin-block-end: 2em !important; }
`;
/** Text at twice its size, in a window that is not. */
const TWICE_AS_LARGE = ':root { font-size: 200% !important; }';

/** 1.4.12: what is cut off or sticks out when the user spaces out the text. */
export const spacingFindings = (page: Page): Promise<string[]> => lossesUnder(page, SPACING);

/** 1.4.4: what is cut off or sticks out when the user doubles the size of text. */
export const largeTextFindings = (page: Page): Promise<string[]> => lossesUnder(page, TWICE_AS_LARGE);

async function lossesUnder(page: Page, css: string): Promise<string[]> {
  return page.evaluate((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets.push(sheet);
    const isCut = (element: Element) => {
      const { overflowX, overflowY, position } = getComputedStyle(element);
      const hides = [overflowX, overflowY].some((overflow) => ['hidden', 'clip'].includes(overflow));
      const isLarger =
        element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
      return hides && isLarger && position !== 'absolute' && !!element.textContent?.trim();
    };
    const cut = [...document.body.querySelectorAll('*')].filter(isCut);
    const findings = cut.map((element) => `cut off: ${element.outerHTML.slice(0, 100)}`);
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) findings.push(`${scrollWidth - clientWidth} pixels beyond the window`);
    document.adoptedStyleSheets.pop();
    return findings;
  }, css);
}

/** 1.4.1 and 1.4.11 where the user forces colors: controls keep an edge or an underline. */
export async function forcedColorFindings(page: Page): Promise<string[]> {
  await page.emulateMedia({ forcedColors: 'active' });
  const findings = await page.evaluate(() => {
    const hasEdge = (element: Element) => {
      const { borderTopStyle, borderTopWidth } = getComputedStyle(element);
      return borderTopStyle !== 'none' && Number.parseFloat(borderTopWidth) > 0;
    };
    const controls = document.querySelectorAll('button, input:not([type=hidden], [type=radio], [type=checkbox]), select, textarea');
    const bare = [...controls].filter((control) => control.checkVisibility() && !hasEdge(control));
    return bare.map((control) => `no edge: ${control.outerHTML.slice(0, 100)}`);
  });
  await page.emulateMedia({ forcedColors: null });
  return findings;
}

/** 2.3.3, which is more than AA asks: what moves although the user wants no motion. */
export async function motionFindings(page: Page): Promise<string[]> {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  return page.evaluate(() => {
    const moves = (element: Element) => {
      const { transitionDuration, animationName } = getComputedStyle(element);
      return animationName !== 'none' || transitionDuration.split(', ').some((duration) => Number.parseFloat(duration) > 0);
    };
    return [...document.querySelectorAll('*')].filter(moves).map((element) => element.outerHTML.slice(0, 100));
  });
}
