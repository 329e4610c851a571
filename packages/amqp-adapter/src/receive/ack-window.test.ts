import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AckWindow } from './ack-window.ts'

/** What a server keeps of a channel: what it awaits. It ends the channel when it is told of anything else. */
class Server {
  readonly awaited = new Set<number>()
  readonly acknowledged: number[] = []
  words = 0

  readonly ack = (tag: number, upTo: boolean): void => {
    this.words++
    if (!this.awaited.has(tag)) throw new Error(`unknown delivery tag ${tag}`)
    for (const each of upTo ? [...this.awaited].filter((open) => open <= tag) : [tag]) {
      this.awaited.delete(each)
      this.acknowledged.push(each)
    }
  }
}

function play(count: number): { readonly server: Server; readonly window: AckWindow } {
  const [server, window] = [new Server(), new AckWindow()]
  for (let tag = 1; tag <= count; tag++) {
    server.awaited.add(tag)
    window.open()
  }
  return { server, window }
}

describe('acknowledgements', () => {
  it('many in a row are one word', () => {
    const { server, window } = play(100)
    for (let tag = 100; tag >= 1; tag--) window.done(tag)
    window.flush(server.ack)
    expect([server.words, server.awaited.size]).toEqual([1, 0])
  })

  it('one that is open is not acknowledged by those after it', () => {
    const { server, window } = play(4)
    for (const tag of [1, 2, 4]) window.done(tag)
    window.flush(server.ack)
    expect([...server.awaited]).toEqual([3])
    window.done(3)
    window.flush(server.ack)
    expect([server.words, server.awaited.size]).toEqual([3, 0])
  })

  it('in any order, with some given back: all that is done is acknowledged once, and nothing else', () => {
    const step = fc.record({ tag: fc.nat(9_999), kind: fc.constantFrom('done', 'gone', 'flush') })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.constantFrom(5, 50, 9_000), (steps, count) => {
        const { server, window } = play(count)
        const [open, done] = [new Set(server.awaited), new Set<number>()]
        for (const { tag, kind } of steps) {
          const chosen = (tag % count) + 1
          if (kind === 'flush') window.flush(server.ack)
          else if (open.delete(chosen)) {
            if (kind === 'done') {
              window.done(chosen)
              done.add(chosen)
            } else {
              window.gone(chosen)
              server.awaited.delete(chosen)
            }
          }
        }
        window.flush(server.ack)
        expect(new Set(server.acknowledged)).toEqual(done)
        expect(server.awaited).toEqual(open)
      }),
      { numRuns: 100 },
    )
  })
})
