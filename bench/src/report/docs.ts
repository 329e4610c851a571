import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chart } from './chart.ts'
import { markdownReport, type Report } from './report.ts'

const docs = new URL('../../../docs/', import.meta.url)

/** Writes the results into the page, and the chart beside it. Answers the files. */
export function updateDocs(report: Report): readonly string[] {
  const { name, suite } = report.plan
  const image = `benchmarks-${name}.svg`
  const files = [new URL('benchmarks.md', docs), new URL(image, docs)].map((url) => fileURLToPath(url))
  const [page, picture] = files as [string, string]
  writeFileSync(page, replaceSection(readFileSync(page, 'utf8'), name, markdownReport(report, `./${image}`)))
  writeFileSync(picture, chart(suite, report.lines))
  return files
}

/** @throws Error when the page has no place for it. */
export function replaceSection(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- begin of results: ${name} -->`, `<!-- end of results: ${name} -->`]
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md needs a line "${begin}" and after it "${end}"`)
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`
}
