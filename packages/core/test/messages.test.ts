import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, it } from 'vitest'

const file = fileURLToPath(new URL('unsupported/mistakes.ts', import.meta.url))
const config = fileURLToPath(new URL('../tsconfig.json', import.meta.url))

/** What the compiler says, by line. */
function diagnose(): Map<number, string> {
  const { options } = ts.getParsedCommandLineOfConfigFile(
    config,
    { noEmit: true },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} },
  )!
  const program = ts.createProgram([file], options)
  const source = program.getSourceFile(file)!
  return new Map(
    program
      .getSemanticDiagnostics(source)
      .map(({ start, messageText }) => [
        source.getLineAndCharacterOfPosition(start!).line,
        ts.flattenDiagnosticMessageText(messageText, '\n'),
      ]),
  )
}

it('tells users what to do about what their backend cannot', { timeout: 180_000 }, () => {
  const said = diagnose()
  const expected = readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((text, line) => {
      const message = /^\/\/ says: (.*)$/.exec(text)?.[1]
      return message === undefined ? [] : [{ line: line + 1, message }]
    })
  for (const { line, message } of expected) {
    expect.soft(said.get(line) ?? 'nothing at all', `line ${line + 1}`).toContain(message)
  }
  expect([...said.keys()]).toEqual(expected.map(({ line }) => line))
})
