import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from '@playwright/test';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome.exe'];
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** Chromium of this machine: `CHROMIUM_PATH`, else Playwright's own, else the system's; undefined = none. */
export function findBrowser(): string | undefined {
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((dir) => NAMES.map((name) => join(dir, name)));
  const chosen = process.env.CHROMIUM_PATH;
  return [...(chosen ? [chosen] : []), chromium.executablePath(), ...onPath, MAC].find((path) => existsSync(path));
}

/** Chromium should speak to the tests only; and it refuses to sandbox itself as root. */
export function browserFlags(): string[] {
  const quiet = [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-dev-shm-usage',
    '--disable-domain-reliability',
    '--disable-sync',
    '--no-first-run',
    '--no-pings',
  ];
  return process.getuid?.() === 0 ? ['--no-sandbox', ...quiet] : quiet;
}

function succeeds(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 300_000 }).status === 0;
}

/** Finds Chromium or installs it. @returns a sentence if neither worked, else null. */
export function ensureBrowser(say: (text: string) => void): string | null {
  if (process.env.CHROMIUM_PATH && !existsSync(process.env.CHROMIUM_PATH)) {
    return `CHROMIUM_PATH is ${process.env.CHROMIUM_PATH}, but there is no file.`;
  }
  if (findBrowser() !== undefined) return null;
  say('no Chromium yet: installing one');
  if (succeeds('npx', ['playwright', 'install', 'chromium']) && findBrowser() !== undefined) return null;
  if (process.getuid?.() === 0 && succeeds('apt-get', ['--version'])) {
    succeeds('apt-get', ['update']);
    if (succeeds('apt-get', ['install', '-y', 'chromium']) && findBrowser() !== undefined) return null;
  }
  return 'The browser tests need Chromium: install it (npx playwright install chromium) or set CHROMIUM_PATH.';
}
