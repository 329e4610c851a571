export type Cell = string
export type Align = 'left' | 'right'

export interface Table {
  readonly head: readonly Cell[]
  readonly align: readonly Align[]
  readonly rows: readonly (readonly Cell[])[]
}

/** For a terminal. */
export function toText({ head, align, rows }: Table): string {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]!.length)))
  const line = (cells: readonly Cell[]): string =>
    cells
      .map((cell, column) =>
        align[column] === 'right' ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd()
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

export function toMarkdown({ head, align, rows }: Table): string {
  return [head, align.map((side) => (side === 'right' ? '--:' : '---')), ...rows].map(toMarkdownRow).join('\n')
}

function toMarkdownRow(cells: readonly Cell[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '&lt;')).join(' | ')} |`
}
