import sniffEncoding from 'html-encoding-sniffer'
import { Parser } from 'htmlparser2'
import { plainText } from './plain-text.ts'

const MOST_CHARACTERS = 200

/** The title of a page of which these are the first bytes; `null` where there is none in them. `contentType` may name the encoding. */
export function titleOf(bytes: Uint8Array, contentType: string): string | null {
  const label = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1]
  const encoding = sniffEncoding(bytes, { transportLayerEncodingLabel: label })
  // What the standard calls `replacement` are encodings that must not be decoded.
  if (encoding === 'replacement') return null
  return titleIn(new TextDecoder(encoding).decode(bytes))
}

function titleIn(html: string): string | null {
  let title: string | undefined
  let isInside = false
  // Drawings have titles of their own.
  let drawings = 0
  const parser = new Parser({
    onopentag(name) {
      if (name === 'svg') drawings++
      if (name === 'title' && drawings === 0 && title === undefined) isInside = true
    },
    ontext(text) {
      if (isInside) title = (title ?? '') + text
    },
    onclosetag(name) {
      if (name === 'svg') drawings--
      if (name === 'title' && isInside) {
        isInside = false
        title ??= ''
      }
    },
  })
  parser.end(html)
  const plain = plainText(title ?? '', MOST_CHARACTERS)
  return plain === '' ? null : plain
}
