import type { Drive } from '../drive.ts'
import { expect, json, until } from '../expectations.ts'

const URLS = 300

interface Jobs {
  readonly jobs: readonly { readonly id: string; readonly url: string; readonly status?: number }[]
  readonly next: string | null
  readonly total: number
}

export const urlChecker: Drive = {
  name: 'url-checker',
  profiles: ['url-checker'],
  builds: ['url-checker'],
  // Where containers are. Of the metadata address of clouds (169.254.…) nothing is allowed.
  variables: { ALLOWED_ADDRESSES: '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16', CHECKS_AT_ONCE: '4' },

  async run(stack, step) {
    await step('up, with one checker', () => stack.up())
    const base = await stack.url('proxy', 8_080)
    const jobs = async (query = '') => (await json<Jobs>(`${base}/get_jobs?limit=100${query}`)).body

    await step('the page is there', async () => {
      const page = await fetch(base)
      expect(page.status === 200, `answered ${page.status}`)
      expect((await page.text()).includes('<script type="module"'), 'it has no script')
    })
    await step('an address that is not public is refused', async () => {
      const { status, body } = await json(`${base}/add_job`, { body: { url: 'http://169.254.169.254/latest' } })
      expect(status === 400, `answered ${status}`)
      return JSON.stringify(body)
    })
    await step('scaled to 3 checkers', () => stack.up({ scale: { checker: 3 } }))
    await step(`${URLS} URLs submitted, a checker killed in the middle`, async () => {
      let killed: Promise<string> | undefined
      for (let first = 0; first < URLS; first += 50) {
        const urls = Array.from({ length: 50 }, (_, index) => `http://url-checker:3000/healthz?n=${first + index}`)
        const { status, body } = await json(`${base}/add_job`, { body: { urls } })
        expect(status === 202, `answered ${status} ${JSON.stringify(body)}`)
        // Checks go on while it dies.
        if (first === 100) killed = stack.kill('checker')
      }
      return killed
    })
    await step('every one of them is checked once, and can be read page by page', async () => {
      await until('the checks', async () => ((await jobs()).total >= URLS ? true : undefined))
      const all: string[] = []
      for (let next: string | null = ''; next !== null;) {
        const page: Jobs = await jobs(next === '' ? '' : `&after=${next}`)
        all.push(...page.jobs.map(({ url }) => url))
        next = page.next
      }
      expect(all.length === URLS, `${all.length} checks`)
      expect(new Set(all).size === URLS, 'a URL is there twice')
    })
  },
}
