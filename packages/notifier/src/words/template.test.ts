import { describe, expect, it } from 'vitest'
import { sampleNotification } from '../../test/message.ts'
import { render, type Templates, type Wording } from './template.ts'

const AT = sampleNotification().job.enqueuedAt + 90_000

function words(changes = {}, wording: Partial<Wording> = {}) {
  return render({ templates: {}, link: undefined, show: [], ...wording }, sampleNotification(changes), AT)
}

describe('the default template', () => {
  it('tells of job, attempts, last error, duration and link', () => {
    const { subject, text, html, blocks } = words({}, { link: ({ job }) => `https://jobs.example/${job.id}?a=1&b=2` })
    expect(subject).toBe('video.encode has failed for good')
    for (const fact of [
      'Job j1',
      'Queue: videos',
      'Attempt: 2 (1 failed before)',
      'Duration: 1.5 minutes',
      'TypeError: no stream',
    ]) {
      expect(text).toContain(fact)
    }
    expect(text).toContain('Details: https://jobs.example/j1?a=1&b=2')
    expect(html).toContain('<a href="https://jobs.example/j1?a=1&amp;b=2">')
    expect(JSON.stringify(blocks)).toContain('"url":"https://jobs.example/j1?a=1&b=2"')
  })

  it('shows neither input, result, headers nor stack unless it is told to', () => {
    const data = { result: { token: 'r3s' }, input: { card: 'c4rd' } }
    const { text, html, blocks } = words(data)
    expect(text + html + JSON.stringify(blocks)).not.toMatch(/r3s|c4rd|s3|secret\.ts/)
    expect(words(data, { show: ['result'] }).text).toContain('Result: {"token":"r3s"}')
    expect(words(data, { show: ['input'] }).text).toContain('Input: {"card":"c4rd"}')
  })

  it('tells when the next attempt comes', () => {
    expect(words({ event: 'retrying', retryIn: 30_000 }).text).toContain('Next attempt: in 30 seconds')
  })
})

describe('a message', () => {
  it('escapes what comes from a job', () => {
    const { html } = words({ error: { name: '<b>', message: `<img src=x onerror="x('&')">` } })
    expect(html).toContain('&lt;b&gt;: &lt;img src=x onerror=&quot;x(&#39;&amp;&#39;)&quot;&gt;')
  })

  it('has no control characters, and a subject of one line', () => {
    const job = { ...sampleNotification().job, name: 'a\r\nBcc: x\u0007\u202E' }
    const { subject, text } = words({ job, error: { name: 'E', message: 'a\u001B[31mred\u0000' } })
    expect(subject).toBe('a Bcc: x has failed for good')
    expect(text).toContain('a[31mred')
  })

  it('is of bounded size', () => {
    const templates: Templates = {
      '*': () => ({
        subject: 's'.repeat(9_999),
        text: '<'.repeat(99_999),
        blocks: Array.from({ length: 99 }, () => ({ type: 'divider' })),
      }),
    }
    const { subject, text, html, blocks } = words({}, { templates })
    expect(subject).toHaveLength(200)
    expect(text).toHaveLength(16_000)
    expect(html.length).toBeLessThanOrEqual(64_000)
    expect(blocks).toHaveLength(50)
    const cause = { name: 'E', message: 'y'.repeat(9_999) }
    expect(words({ error: { name: 'E', message: 'x'.repeat(9_999), cause } }).text.length).toBeLessThan(3_000)
  })

  it('replaces HTML of a template that is too long by its text', () => {
    const templates: Templates = { '*': () => ({ subject: 's', text: 'a <b>', html: '<p>'.repeat(99_999) }) }
    expect(words({}, { templates }).html).toBe('<p>a &lt;b&gt;</p>')
  })
})

it.each(['javascript:alert(1)', 'data:text/html,x', '/relative', 'file:///etc/passwd'])(
  'refuses the link %s',
  (link) => {
    expect(() => words({}, { link: () => link })).toThrow('link: did not make an http or https URL')
  },
)
