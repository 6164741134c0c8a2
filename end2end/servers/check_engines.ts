// Stops the run before the first test when a program of another engine is missing.

import type { Engine } from '../engines/engine.ts';
import checkPrograms, { missingPrograms } from './check_programs.ts';
import { chromiumDriver, engines, firefox, miniBrowser, webKitDriver } from './programs.ts';

const PROGRAMS: Record<Engine, () => { path: string; hint: string }[]> = {
  Chromium: () => [{ path: chromiumDriver(), hint: 'install chromium-driver, or set CHROMEDRIVER' }],
  Firefox: () => [{ path: firefox(), hint: 'install firefox-esr, or set FIREFOX' }],
  WebKit: () => [
    { path: webKitDriver(), hint: 'install webkit2gtk-driver, or set WEBKIT_DRIVER' },
    { path: miniBrowser(), hint: 'install webkit2gtk-driver, or set WEBKIT_BROWSER' },
  ],
};

export default function checkEngines(): void {
  checkPrograms();
  const missing = missingPrograms(engines().flatMap((engine) => PROGRAMS[engine]()));
  if (missing.length > 0) throw new Error(missing.join('\n'));
}
