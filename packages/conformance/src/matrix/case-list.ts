import { chapters } from '../chapters.ts'

/** Every case with its id, its title and what it needs, as a document. */
export function caseList(): string {
  const count = chapters.reduce((sum, { cases }) => sum + cases.length, 0)
  const sections = chapters.map(({ id, title, cases }) => {
    const lines = cases.map(
      (each) => `- **${each.id}** ${each.title}${each.needs.length === 0 ? '' : ` _(${each.needs.join(', ')})_`}`,
    )
    return `## ${id} ${title}\n\n${lines.join('\n')}`
  })
  return `# The ${count} cases\n\nMade of the suite by its own tests. In brackets: the features and circumstances that a case needs; without them it is skipped and says so.\n\n${sections.join('\n\n')}\n`
}
