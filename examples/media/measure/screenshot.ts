// npm run screenshot: the page with some items on it, for the documentation (docs/systems/media.webp).
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser } from 'playwright-core'
import sharp from 'sharp'
import { findChromium } from '../../../scripts/services/chromium.ts'
import { startServices } from '../../../scripts/services/start-services.ts'
import { CLIP, DAMAGED } from '../src/samples/samples.ts'
import { samples } from './samples.ts'
import { Stage } from './stage.ts'

const PICTURE = fileURLToPath(new URL('../../../docs/systems/media.webp', import.meta.url))
const MINUTE = { timeout: 60_000 }

const services = await startServices(['redis'], { fresh: true })
const folder = await mkdtemp(join(tmpdir(), 'jobport-media-screenshot-'))
// Nobody is told by mail.
const stage = new Stage({ ...services.env, MEDIA_DIR: folder, ROLES: 'images,videos,links' })
const browser = await chromium.launch(await findChromium())
try {
  const [port] = await Promise.all([stage.start('producer'), stage.start('processor')])
  await sharp(await photograph(browser, `http://127.0.0.1:${port}`))
    .webp({ quality: 85 })
    .toFile(PICTURE)
} finally {
  await browser.close()
  await stage.stop()
  await services.stop()
  await rm(folder, { recursive: true, force: true })
}

async function photograph(browser: Browser, url: string): Promise<Buffer> {
  const { folder, images } = await samples()
  const page = await browser.newPage({ viewport: { width: 860, height: 900 }, deviceScaleFactor: 2 })
  await page.goto(url)
  await page.getByLabel('Name').fill('ada')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('live').waitFor()
  await page.locator('#files').setInputFiles([join(folder, DAMAGED), images[2]!, images[10]!, images[14]!])
  await page.getByText('failed', { exact: true }).waitFor(MINUTE)
  await page.locator('#files').setInputFiles(join(folder, CLIP))
  await page.locator('li.completed', { hasText: CLIP }).waitFor(MINUTE)
  await page.locator('#files').setInputFiles(join(folder, CLIP))
  await page.locator('li.active progress[value]').waitFor(MINUTE)
  return page.screenshot()
}
