import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DefaultTheme, defineConfig } from 'vitepress'

const docs = fileURLToPath(new URL('..', import.meta.url))
const repository = 'https://github.com/jobport/jobport'

export default defineConfig({
  lang: 'en',
  title: 'jobport',
  description: 'A job-queue library for Node.js that runs on the backend you have',
  cleanUrls: true,
  lastUpdated: false,
  srcExclude: ['.code/**', '.runs/**', 'README.md'],
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: '/icon.svg' }]],
  transformPageData(page) {
    // Its source is the doc comment of an export, not a page.
    if (page.relativePath.startsWith('reference/'))
      Object.assign(page.frontmatter, { editLink: false, prev: false, next: false })
  },
  markdown: {
    config(md) {
      const image = md.renderer.rules.image!
      // Diagrams become part of the page, so that they follow its colours; on GitHub the same line shows the file.
      md.renderer.rules.image = (tokens, index, options, env: { path: string }, self) => {
        const source = String(tokens[index]!.attrGet('src'))
        if (!source.includes('diagrams/')) return image(tokens, index, options, env, self)
        const svg = readFileSync(join(dirname(env.path), source), 'utf8')
        return `<span class="diagram" v-html="decodeURIComponent('${encodeURIComponent(svg).replaceAll("'", '%27')}')"></span>`
      }
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: repository }],
    editLink: { pattern: `${repository}/edit/main/docs/:path`, text: 'Edit this page' },
    outline: { level: [2, 3] },
    notFound: {
      quote: 'There is no such page. It may have moved: try the search, or begin at the start.',
      linkText: 'To the start',
    },
    footer: { message: 'MIT licensed' },
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Guides', link: '/guides/retries', activeMatch: '^/guides/' },
      { text: 'Guarantees', link: '/guarantees' },
      { text: 'Reference', link: '/reference/', activeMatch: '^/reference/' },
    ],
    sidebar: [
      {
        text: 'Introduction',
        items: pages('start', 'concepts', 'guarantees', 'backends', 'capabilities'),
      },
      {
        text: 'Benchmarks',
        collapsed: true,
        items: pages(
          'benchmarks/index',
          'benchmarks/redis',
          'benchmarks/postgres',
          'benchmarks/sqs',
          'benchmarks/amqp',
          'benchmarks/core',
          'benchmarks/telemetry',
        ),
      },
      {
        text: 'Guides',
        items: pages(
          'guides/retries',
          'guides/scheduling-and-delays',
          'guides/workers',
          'guides/notifications',
          'guides/transactions',
          'guides/postgres',
          'guides/testing',
          'guides/operating',
          'guides/observability',
          'guides/redis',
          'guides/rabbitmq',
          'guides/sqs',
          'guides/brokers-and-stores',
          'guides/errors',
          'guides/writing-an-adapter',
        ),
      },
      {
        text: 'Systems',
        items: pages(
          'systems/media',
          'systems/tasker',
          'systems/writer-processor',
          'systems/url-checker',
          'systems/access-logs',
          'operations',
          'runbook',
        ),
      },
      { text: 'Reference', collapsed: true, items: reference() },
      { text: 'Decisions', link: '/decisions/', collapsed: true, items: decisions() },
    ],
  },
})

/** The pages that exist, under their own titles, in this order. */
function pages(...names: readonly string[]): DefaultTheme.SidebarItem[] {
  return names
    .filter((name) => existsSync(`${docs}/${name}.md`))
    .map((name) => ({ text: titleOf(`${docs}/${name}.md`) ?? name, link: `/${name.replace(/index$/, '')}` }))
}

function decisions(): DefaultTheme.SidebarItem[] {
  const names = readdirSync(`${docs}/decisions`).filter((name) => /^\d.*\.md$/.test(name))
  return pages(...names.toSorted().map((name) => `decisions/${name.slice(0, -3)}`))
}

/** Written by typedoc, before this file is read. */
function reference(): DefaultTheme.SidebarItem[] {
  const file = `${docs}/reference/typedoc-sidebar.json`
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DefaultTheme.SidebarItem[]) : []
}

function titleOf(file: string): string | undefined {
  return /^# (.+)$/m.exec(readFileSync(file, 'utf8'))?.[1]?.replaceAll('`', '')
}
