import { describe, expect, it } from 'vitest'
import { plainText } from './plain-text.ts'
import { titleOf } from './title.ts'

const page = (title: string) =>
  `<!doctype html><html><head><meta charset="utf-8">${title}</head><body>text</body></html>`

function titleOfText(html: string): string | null {
  return titleOf(Buffer.from(html), 'text/html')
}

describe('the title of a page', () => {
  it.each([
    ['<title>Hello</title>', 'Hello'],
    ['<TITLE\n lang="en">\n  Two\n  lines </TITLE>', 'Two lines'],
    ['<title>Fish &amp; chips &#8212; &eacute;t&eacute;</title>', 'Fish & chips — été'],
    ['<title>a <b>bold</b> claim</title>', 'a <b>bold</b> claim'],
    ['<script>var t = "<title>no</title>"</script><title>yes</title>', 'yes'],
    ['<!-- <title>no</title> --><title>yes</title>', 'yes'],
    ['<svg><title>a circle</title></svg><title>yes</title>', 'yes'],
    ['<title>first</title><title>second</title>', 'first'],
    ['<title></title>', null],
    ['<title> \n </title><title>second</title>', null],
    ['', null],
  ])('%j', (head, title) => expect(titleOfText(page(head))).toBe(title))

  it('that the limit has cut off is as much of it as there is', () => {
    expect(titleOfText('<html><head><title>cut off in the mid')).toBe('cut off in the mid')
  })

  it('is decoded as the header says, else as the page says, else as most pages are', () => {
    const shiftJis = Buffer.from([0x3c, 0x74, 0x69, 0x74, 0x6c, 0x65, 0x3e, 0x93, 0xfa, 0x96, 0x7b])
    expect(titleOf(shiftJis, 'text/html; charset=Shift_JIS')).toBe('日本')
    expect(titleOf(Buffer.concat([Buffer.from('<meta charset="shift_jis">'), shiftJis]), 'text/html')).toBe('日本')
    expect(titleOf(Buffer.from('<title>caf\xe9 \x80</title>', 'latin1'), 'text/html')).toBe('café €')
    expect(titleOf(Buffer.from('\ufeff<title>été</title>', 'utf16le'), 'text/html')).toBe('été')
    expect(titleOf(Buffer.from('<title>x</title>'), 'text/html; charset=iso-2022-kr')).toBeNull()
    expect(titleOf(Buffer.from('<title>x</title>'), 'text/html; charset=nonsense')).toBe('x')
  })

  it('is bounded, on one line, and cannot turn around the line it is shown in', () => {
    expect(titleOfText(page(`<title>${'é'.repeat(1_000)}</title>`))).toBe(`${'é'.repeat(199)}…`)
    expect(titleOfText(page('<title>safe\u202Egpj.exe\u0007\u2066 x</title>'))).toBe('safegpj.exe x')
  })
})

it('a text is cut between characters, not within one', () => {
  expect(plainText('😀'.repeat(5), 3)).toBe('😀😀…')
  expect(plainText('a\ud800b\u0000c', 10)).toBe('a\ufffdb c')
})
