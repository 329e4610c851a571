import { find, findOrInstall } from './locate.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'Google Chrome']
const FOLDERS = ['/Applications/Google Chrome.app/Contents/MacOS']

/**
 * A browser for tests, as `executablePath` and `args` of playwright-core: the one that CHROMIUM_PATH names, else the machine's, else Debian's, where we may
 * install it.
 * @throws where there is none; says what to do.
 */
export async function findChromium(): Promise<{ readonly executablePath: string; readonly args: string[] }> {
  // As root it has no sandbox. It asks nobody for news of its own.
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ]
  const named = process.env['CHROMIUM_PATH']
  if (named !== undefined && named !== '') return { executablePath: named, args }

  const failures: string[] = []
  const present = NAMES.map((name) => find({ name, folders: FOLDERS })).find((path) => path !== undefined)
  const wanted = { binary: { name: NAMES[0]! }, debian: 'chromium' }
  const executablePath = present ?? (await findOrInstall(wanted, (failure) => failures.push(failure)))
  if (executablePath !== undefined) return { executablePath, args }
  const advice = 'Install Chromium or Chrome, or set CHROMIUM_PATH to the path of one.'
  throw new Error(['There is no browser on this machine.', ...failures, advice].join('\n'))
}
