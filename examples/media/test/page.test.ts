import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findChromium } from '../../../scripts/services/chromium.ts'
import { temporaryFolder } from './program.ts'
import { startStack } from './stack.ts'

let browser: Browser

beforeAll(async () => {
  browser = await chromium.launch(await findChromium())
}, 300_000)
afterAll(() => browser?.close())

/** An image in the browser, whose types are not those of Node. */
interface Sized {
  readonly naturalWidth: number
}

const PHONE = { width: 375, height: 700 }

it('is used: sign in, hand in, watch, look at it, sign out', { timeout: 180_000 }, async () => {
  const folder = temporaryFolder()
  const image = sharp({ create: { width: 900, height: 600, channels: 3, background: '#3fa7d6' } })
  await image.png().toFile(join(folder, 'blue <b>.png'))
  await writeFile(join(folder, 'notes.jpg'), 'no picture at all')
  const stack = await startStack()
  await stack.startProcessor({ CONCURRENCY: '2' })

  const context = await browser.newContext({ viewport: PHONE })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    // What the policy forbids, and what else goes wrong; refused requests are part of this test.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text())
  })
  const response = await page.goto(stack.url.href)
  expect(response!.headers()['content-security-policy']).toContain("default-src 'none'")

  await page.getByLabel('Name').fill('ada')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('live').waitFor()
  await page.getByText('Nothing yet.').waitFor()

  await page.locator('#files').setInputFiles([join(folder, 'blue <b>.png'), join(folder, 'notes.jpg')])
  await page.getByRole('alert').getByText('notes.jpg: the content is of no image or video').waitFor()
  const row = page.getByRole('listitem').filter({ hasText: 'blue <b>.png' })
  await row.getByText('ready').waitFor()
  const thumbnail = row.locator('img')
  await expect.poll(() => thumbnail.evaluate((image: Sized) => image.naturalWidth)).toBe(160)
  await row.getByRole('link', { name: 'large' }).waitFor()

  await page.getByLabel('Address of a file').fill('http://169.254.169.254/latest/meta-data')
  await page.getByRole('button', { name: 'Fetch' }).click()
  await page.getByText('is an address that is not public').waitFor()

  // Nothing sticks out at the side of a phone.
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width)

  // As a mail leads to it.
  const id = await row.getAttribute('id')
  await page.goto(new URL(`/?again#${id}`, stack.url).href)
  await page.locator('li.wanted').getByText('ready').waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  expect(complaints).toEqual([])
})
