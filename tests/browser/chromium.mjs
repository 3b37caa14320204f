// The machine's own Chromium, without a screen. `./dev test` installs it; CHROMIUM names another one.
import { accessSync, constants } from 'node:fs';
import { chromium } from 'playwright-core';

const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export async function openBrowser() {
  const executablePath = PLACES.filter(Boolean).find(isExecutable);
  if (!executablePath) throw new Error('no Chromium: apt-get install chromium, or set CHROMIUM');
  // Its sandbox wants a user of its own; the tests may be root, and see only pages of theirs.
  return chromium.launch({ executablePath, chromiumSandbox: false, args: ['--disable-dev-shm-usage'] });
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
