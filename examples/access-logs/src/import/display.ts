import { describe, type ImportedFile, type ImportListener } from './import-files.ts'
import type { ImportResult } from './job.ts'

/** A line for each file that has come to its end and, on a terminal, one that moves. */
export function createDisplay(files: number, out: NodeJS.WriteStream): ImportListener {
  let ended = 0
  const clear = () => {
    if (out.isTTY) out.write('\r\u001B[K')
  }
  return {
    ended(file: ImportedFile) {
      ended++
      clear()
      out.write(`  ${describe(file)}\n`)
    },
    progress(lines: number) {
      if (!out.isTTY) return
      clear()
      out.write(`  ${ended} of ${files} files, ${lines.toLocaleString('en')} lines of the next`)
    },
  }
}

/** What a run came to. */
export function summarize(imported: readonly ImportedFile[], milliseconds: number): string {
  const results = imported.flatMap(({ result }) => (result instanceof Error ? [] : [result]))
  const fresh = results.filter(({ wasKnown, partOf }) => !wasKnown && partOf === null)
  const sum = (of: (result: ImportResult) => number) => fresh.reduce((total, result) => total + of(result), 0)
  const parts = [
    `${imported.length.toLocaleString('en')} ${imported.length === 1 ? 'file' : 'files'}`,
    `${sum(({ kept }) => kept).toLocaleString('en')} new lines`,
    `${sum(({ rejected }) => rejected).toLocaleString('en')} rejected`,
    ...(imported.length === results.length ? [] : [`${imported.length - results.length} FAILED`]),
    `${(milliseconds / 1_000).toFixed(1)} s`,
  ]
  return parts.join(', ')
}
