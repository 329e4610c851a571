import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { findChromium } from '../../../scripts/services/chromium.ts'
import { Client } from './client.ts'
import { endServices, settings, start, startApi, startChecker } from './service.ts'
import { secureSite, site, titled } from './site.ts'

const patience = 60_000
let browser: Browser
let folder: string
let url: string
let api: Client

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jobport-page-'))
  const configFile = fileURLToPath(new URL('../vite.config.ts', import.meta.url))
  await build({ configFile, logLevel: 'error', build: { outDir: folder } })
  browser = await chromium.launch(await findChromium())
  const env = settings({ PAGE_FOLDER: folder, SITE_RETRIES: '0', CONCURRENCY: '1' })
  const [started] = await Promise.all([startApi(env), startChecker(env)])
  url = started.url
  api = new Client(url)
}, 300_000)

afterAll(async () => {
  await browser?.close()
  await endServices()
  await rm(folder, { recursive: true, force: true })
})

/** The page in a browser, and what went wrong in it. */
async function open(context: BrowserContextOptions = {}, at = url, prepare?: (page: Page) => Promise<void>) {
  const opened = await browser.newContext(context)
  onTestFinished(() => opened.close())
  const page = await opened.newPage()
  page.setDefaultTimeout(patience)
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    // A refusal of the API is logged by the browser itself.
    if (message.type() === 'error' && !message.text().includes('the server responded with a status of 40'))
      errors.push(message.text())
  })
  await prepare?.(page)
  await page.goto(at)
  return { page, errors }
}

/** A site whose answers wait until they are let go. */
async function heldSite(answer: RequestListener) {
  const held: (() => void)[] = []
  let isHeld = true
  const { port } = await site((request, response) => {
    const go = (): void => answer(request, response)
    if (isHeld) held.push(go)
    else go()
  })
  const letGo = (): void => {
    isHeld = false
    for (const go of held) go()
  }
  return { url: `http://127.0.0.1:${port}`, letGo }
}

describe('the page', { timeout: 180_000 }, () => {
  // SCREENSHOT=FILE keeps the picture, for the documentation.
  it('shows at a glance what is well and what is not', async () => {
    const desk = { viewport: { width: 1_000, height: 720 }, colorScheme: 'light' } as const
    const { page, errors } = await open(desk)
    await page.getByText('Nothing was checked yet.').waitFor()
    const held: (() => unknown)[] = []
    const safe = await secureSite(new Date(Date.now() + 40.5 * 86_400_000), titled('Fish &amp; chips'))
    const { port } = await site((request, response) => {
      if (request.url === '/broken') response.writeHead(500).end()
      else if (request.url === '/silent') request.socket.destroy()
      else if (request.url === '/moved') response.writeHead(301, { location: `https://127.0.0.1:${safe.port}/` }).end()
      else if (request.url === '/inside') response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
      else if (request.url === '/slow') held.push(() => response.end())
      else titled('A site that is well')(request, response)
    })
    const urlOf = (path: string): string => `http://127.0.0.1:${port}/${path}`
    const urls = ['well', 'broken', 'silent', 'inside', 'moved'].map(urlOf)
    await api.submit({ urls })
    await page.locator('.check').nth(4).waitFor()
    const badges = await page.locator('.check .badge').allInnerTexts()
    expect(badges.toSorted()).toEqual(['200', '200', '500', 'no answer', 'refused'])
    // One after the other, since nothing promises their order.
    urls.push(urlOf('slow'), urlOf('next'))
    await api.submit({ url: urlOf('slow') })
    await vi.waitFor(() => expect(held).toHaveLength(1), patience)
    await api.submit({ url: urlOf('next') })
    // What others submit it would see when it is time to look.
    await page.reload()
    await page.locator('[data-state=active]', { hasText: '/slow' }).waitFor()
    await page.locator('[data-state]', { hasText: '/next' }).waitFor()
    await page.getByRole('button', { name: /moved$/ }).click()
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(1_000)
    const picture = await page.screenshot({ fullPage: true, animations: 'disabled' })
    if (process.env['SCREENSHOT']) await writeFile(process.env['SCREENSHOT'], picture)
    held[0]!()
    await api.checksOf(urls)
    expect(errors).toEqual([])
  })

  it('takes URLs by keyboard, shows them on the way, and their checks by itself', async () => {
    const { page, errors } = await open()
    const { url, letGo } = await heldSite(titled('Fish &amp; chips'))
    await page.getByText('live', { exact: true }).waitFor()

    await page.keyboard.press('Tab')
    await page.keyboard.type(`${url}/menu`)
    await page.keyboard.press('Shift+Enter')
    await page.keyboard.type(`${url}/prices`)
    await page.keyboard.press('Enter')
    await page.getByText('2 submitted.').waitFor()
    const pending = page.getByRole('region', { name: /On the way/ })
    await pending.getByText(`${url}/menu`).waitFor()
    expect(await pending.getByRole('listitem').count()).toBe(2)
    expect(await page.getByLabel('URLs to check').inputValue()).toBe('')

    letGo()
    await page.getByRole('link', { name: `${url}/menu` }).waitFor()
    await page.getByRole('link', { name: `${url}/prices` }).waitFor()
    await pending.waitFor({ state: 'detached' })
    expect(
      await page
        .getByRole('row')
        .filter({ hasText: `${url}/menu` })
        .innerText(),
    ).toMatch(/200\s[\s\S]*Fish & chips\s[\s\S]*s\s[\s\S]*just now/)
    expect(errors).toEqual([])
  })

  it('tells at the field what is wrong with it, and keeps what was typed', async () => {
    const { page, errors } = await open()
    const field = page.getByLabel('URLs to check')
    const problem = page.getByRole('alert')
    for (const [typed, told] of [
      ['', 'Give at least one URL.'],
      ['ftp://example.org', 'This begins with ftp:, only http: and https: are checked.'],
      ['https://example.org\nhttp://10.0.0.1/', '“http://10.0.0.1/” 10.0.0.1 is an address that is not public.'],
    ] as const) {
      await field.fill(typed)
      await page.getByRole('button', { name: 'Check' }).click()
      await problem.getByText(told).waitFor()
      expect(await field.getAttribute('aria-invalid')).toBe('true')
      expect(await field.inputValue()).toBe(typed)
      expect(await field.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true)
    }
    expect(errors).toEqual([])
  })

  it('has the details of a check: redirects, times, the certificate and when it ends', async () => {
    const { page, errors } = await open()
    const safe = await secureSite(new Date(Date.now() + 40.5 * 86_400_000), titled('Safe'))
    const { port } = await site((_, response) => {
      response.writeHead(302, { location: `https://127.0.0.1:${safe.port}/` }).end()
    })
    await api.submit({ url: `http://127.0.0.1:${port}/` })
    const row = page.getByRole('row').filter({ hasText: `127.0.0.1:${port}/` })
    await row.getByText('ends in 40 days').waitFor()
    await row.getByText('1 redirect').waitFor()
    const more = row.getByRole('button', { name: /^Details of/ })
    await more.focus()
    await page.keyboard.press('Enter')
    expect(await more.getAttribute('aria-expanded')).toBe('true')
    await page.getByText('DEPTH_ZERO_SELF_SIGNED_CERT').waitFor()
    const hops = page.locator('.hops li')
    expect(await hops.allInnerTexts()).toMatchObject([
      expect.stringMatching(/^302 http:.*at 127\.0\.0\.1\s+connection .*waiting/s),
      expect.stringMatching(/^200 https:.*at 127\.0\.0\.1\s+connection .*TLS .*waiting/s),
    ])
    expect(errors).toEqual([])
  })

  it('has pages that stay while checks come, and shows some of them alone', async () => {
    const { page, errors } = await open()
    const { port } = await site(titled('Page'))
    const urls = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) => `http://127.0.0.1:${port}/${from + n}`)
    await api.submit({ urls: urls(0, 25) })
    await api.checksOf(urls(0, 25))
    await page.getByRole('button', { name: 'Older' }).click()
    await page.getByText('Page 2').waitFor()
    const shown = () => page.locator('.check .url').allInnerTexts()
    const { total } = await api.page()
    // Its number is there before its rows are.
    await vi.waitFor(async () => expect(await shown()).toHaveLength(Math.min(20, total - 20)), { timeout: 60_000 })
    const before = await shown()
    await api.submit({ urls: urls(25, 30) })
    await page.getByText(`Completed ${total + 5}`).waitFor()
    expect(await shown()).toEqual(before)
    await page.getByRole('button', { name: 'Newer' }).click()
    await page.getByText('Page 1').waitFor()
    expect(await shown()).toHaveLength(20)
    await page.getByLabel('Show').selectOption('what was refused')
    await page.getByText('Completed 1', { exact: true }).waitFor()
    expect(await page.locator('.check .badge').allInnerTexts()).toEqual(['refused'])
    expect(errors).toEqual([])
  })

  it('shows what is completed when the service says so, not when it is time to look', async () => {
    const { page, errors } = await open({}, url, async (page) => {
      await page.clock.install({ time: 0 })
      await page.clock.pauseAt(60_000)
    })
    await page.getByText('live', { exact: true }).waitFor()
    const { port } = await site(titled('Told'))
    await api.submit({ url: `http://127.0.0.1:${port}/` })
    // The page has 10 s of its own at most; it would look after 15.
    const look = async (): Promise<void> => {
      await page.clock.runFor(100)
      expect(await page.getByRole('link', { name: `127.0.0.1:${port}/` }).isVisible()).toBe(true)
    }
    await vi.waitFor(look, { timeout: 60_000, interval: 300 })
    expect(errors).toEqual([])
  })

  it('goes on looking every few seconds where the stream is held back, which nobody tells it', async () => {
    const { page, errors } = await open({}, url, async (page) => {
      // As a proxy does that waits for the end of an answer.
      await page.route('**/live', () => {})
      await page.clock.install({ time: 0 })
      await page.clock.pauseAt(60_000)
    })
    await page.getByText('looks every few seconds').waitFor()
    const { port } = await site(titled('Looked for'))
    for (const path of ['first', 'second', 'third']) {
      const checked = `http://127.0.0.1:${port}/${path}`
      await api.submit({ url: checked })
      await api.checksOf([checked])
      const link = page.getByRole('link', { name: checked })
      expect(await link.isVisible()).toBe(false)
      await page.clock.runFor(3_000)
      await link.waitFor()
    }
    expect(errors).toEqual([])
  })

  it('is up to date also where the stream does not come through, and listens again when it does', async () => {
    const { page } = await open({}, url, async (page) => {
      // As a proxy answers while there is no service: the browser gives up the stream for good.
      await page.route('**/live', (route) => route.fulfill({ status: 502 }))
    })
    await page.getByText('looks every few seconds').waitFor()
    const { port } = await site(titled('Polled'))
    for (const path of ['first', 'second']) {
      await api.submit({ url: `http://127.0.0.1:${port}/${path}` })
      await page.getByRole('link', { name: `http://127.0.0.1:${port}/${path}` }).waitFor()
    }
    expect(await page.getByText('looks every few seconds').isVisible()).toBe(true)
    await page.unroute('**/live')
    await page.getByText('live', { exact: true }).waitFor()
  })

  it('asks for a token where one is needed', async () => {
    const SECRET_KEY = 'a key for tests with more than 32 characters'
    const token = start('token', { SECRET_KEY }, 'ann')
    expect(await token.ended).toBe(0)
    const guarded = await startApi(settings({ PAGE_FOLDER: folder, SECRET_KEY, REQUIRE_TOKEN: 'true' }))
    const { page, errors } = await open({}, guarded.url)
    await page.getByLabel('URLs to check').fill('https://example.org')
    await page.keyboard.press('Enter')
    await page.getByText('Submitting needs a token.').waitFor()
    await page.keyboard.type('nonsense')
    await page.keyboard.press('Enter')
    await page.getByText('This token is not valid, or no longer.').waitFor()
    await page.getByLabel('Token').fill(token.output().trim())
    await page.keyboard.press('Enter')
    await page.getByText('Submitted.').waitFor()
    expect(errors).toEqual([])
  })

  it('fits a phone, and is dark where that is wanted', async () => {
    const phone = { viewport: { width: 360, height: 740 }, colorScheme: 'dark', hasTouch: true } as const
    const { page, errors } = await open(phone)
    const { port } = await site(titled(`A title of ${'very '.repeat(20)}many words`))
    await api.submit({ urls: [`http://127.0.0.1:${port}/${'long'.repeat(60)}`, `http://127.0.0.1:${port}/`] })
    await page.getByRole('link', { name: /longlong/ }).waitFor()
    await page
      .getByRole('button', { name: /^Details of/ })
      .first()
      .tap()
    const width = await page.evaluate<number>('document.documentElement.scrollWidth')
    const background = await page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor')
    expect(width).toBe(360)
    expect(background).toBe('rgb(18, 21, 20)')
    expect(errors).toEqual([])
  })
})
