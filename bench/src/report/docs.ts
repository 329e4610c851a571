import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chart } from './chart.ts'
import { parseJsonLines, toJsonLines, type Line } from './lines.ts'
import { overviewChart } from './overview-chart.ts'
import { overviewTable } from './overview.ts'
import { markdownReport, type Report } from './report.ts'
import { toMarkdown } from './table.ts'

/**
 * The folder of the documentation that has the results: for each suite a page, `<suite>.md`, its chart and its figures, and `index.md` with an
 * overview of all.
 */
const docs = new URL('../../../docs/benchmarks/', import.meta.url)

/** Writes the results into the page of the suite, what stands beside it, and the overview. Answers the files. */
export function updateDocs(report: Report): readonly string[] {
  const { plan, lines } = report
  const { name, suite } = plan
  const page = file(`${name}.md`)
  const written: Readonly<Record<string, string>> = {
    [page]: replaceSection(readFileSync(page, 'utf8'), name, markdownReport(report, `./${name}.svg`)),
    [file(`${name}.svg`)]: chart(suite, lines),
    [file(`${name}.jsonl`)]: toJsonLines(lines),
  }
  for (const [path, text] of Object.entries(written)) writeFileSync(path, text)
  return [...Object.keys(written), ...updateOverview()]
}

/** The suites that the overview shows, in its order. */
const SHOWN = ['redis', 'postgres', 'amqp', 'sqs', 'core']

/** From the figures that lie there. */
function updateOverview(): readonly string[] {
  const figures = SHOWN.flatMap((name): readonly Line[] => {
    const path = file(`${name}.jsonl`)
    return existsSync(path) ? parseJsonLines(readFileSync(path, 'utf8')) : []
  })
  const [page, picture] = [file('index.md'), file('overview.svg')]
  writeFileSync(page, replaceSection(readFileSync(page, 'utf8'), 'overview', toMarkdown(overviewTable(figures))))
  writeFileSync(picture, overviewChart(figures))
  return [page, picture]
}

function file(name: string): string {
  return fileURLToPath(new URL(name, docs))
}

/** @throws Error when the page has no place for it. */
export function replaceSection(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- begin of results: ${name} -->`, `<!-- end of results: ${name} -->`]
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from < 0 || to < from) throw new Error(`the page needs a line "${begin}" and after it "${end}"`)
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`
}
