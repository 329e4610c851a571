import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type DefaultTheme, defineConfig } from 'vitepress'

const docs = fileURLToPath(new URL('..', import.meta.url))

export default defineConfig({
  title: 'jobport',
  description: 'A job-queue library for Node.js that runs on the backend you have',
  cleanUrls: true,
  lastUpdated: false,
  srcExclude: ['.code/**', 'README.md'],
  themeConfig: {
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: 'https://github.com/jobport/jobport' }],
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Guarantees', link: '/guarantees' },
      { text: 'Reference', link: '/reference/' },
    ],
    sidebar: [
      { text: 'Guide', items: pages('start', 'concepts', 'retries', 'notifications', 'testing') },
      { text: 'Backends', items: pages('guarantees', 'capabilities', 'writing-an-adapter', 'benchmarks') },
      { text: 'Reference', collapsed: true, items: reference() },
      { text: 'Decisions', collapsed: true, items: decisions() },
    ],
  },
})

/** The pages that exist, under their own titles, in this order. */
function pages(...names: readonly string[]): DefaultTheme.SidebarItem[] {
  return names
    .filter((name) => existsSync(`${docs}/${name}.md`))
    .map((name) => ({ text: titleOf(`${docs}/${name}.md`) ?? name, link: `/${name}` }))
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
  return /^# (.+)$/m.exec(readFileSync(file, 'utf8'))?.[1]
}
