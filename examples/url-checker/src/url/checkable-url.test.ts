import { describe, expect, it } from 'vitest'
import { redirectedUrl, submittedUrl, UncheckableUrlError } from './checkable-url.ts'

describe('a submitted text', () => {
  it.each([
    ['https://example.org', 'https://example.org/'],
    ['  example.org/a b  ', 'https://example.org/a%20b'],
    ['localhost:8080/health', 'https://localhost:8080/health'],
    ['HTTP://Example.ORG:80/a/../b', 'http://example.org/b'],
    ['https://example.org/?q=1#part', 'https://example.org/?q=1'],
    ['http://bücher.example/', 'http://xn--bcher-kva.example/'],
    ['http://0x7f.1/', 'http://127.0.0.1/'],
    ['http://[::FFFF:10.0.0.1]/', 'http://[::ffff:a00:1]/'],
  ])('%s means %s', (text, url) => expect(submittedUrl(text).href).toBe(url))

  it.each([
    ['', 'is empty'],
    ['   ', 'is empty'],
    ['http://', 'is not a URL'],
    ['not a url', 'is not a URL'],
    ['javascript:alert(1)', 'is not a URL'],
    ['ftp://example.org/', 'begins with ftp:'],
    ['file:///etc/passwd', 'begins with file:'],
    ['mailto:ann@example.org', 'holds a user name'],
    ['https://ann:secret@example.org/', 'holds a user name or a password'],
    [`https://example.org/${'x'.repeat(2_040)}`, 'has more than 2048 characters'],
  ])('%j is refused: %s', (text, reason) => expect(() => submittedUrl(text)).toThrow(reason))
})

describe('a redirect', () => {
  const from = new URL('https://example.org/a/b?c')

  it.each([
    ['d', 'https://example.org/a/d'],
    ['/d', 'https://example.org/d'],
    ['//other.example', 'https://other.example/'],
    ['http://other.example/#part', 'http://other.example/'],
  ])('to %s leads to %s', (location, url) => expect(redirectedUrl(location, from).href).toBe(url))

  it.each(['file:///etc/passwd', 'https://ann@example.org/', 'http://[::1', 'gopher://example.org/'])(
    'to %s is not followed',
    (location) => expect(() => redirectedUrl(location, from)).toThrow(UncheckableUrlError),
  )
})
