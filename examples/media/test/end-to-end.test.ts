import { createReadStream } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, it, vi } from 'vitest'
import type { Item } from '../src/items/item.ts'
import { createClient } from '../src/push/client.ts'
import { writeClip } from '../src/samples/clip.ts'
import { temporaryFolder } from './program.ts'
import { serve, startStack } from './stack.ts'

const ADA = { user: 'ada', email: 'ada@example.org' }
const PATIENT = { timeout: 60_000, interval: 100 }

/** Images, a video, and one upload that broke off. */
async function files(): Promise<{ readonly good: readonly string[]; readonly clip: string; readonly damaged: string }> {
  const folder = temporaryFolder()
  const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const
  const image = sharp({ create: { width: 900, height: 700, channels: 3, background: '#3fa7d6', noise } })
  const good = ['a.jpg', 'b.png', 'c.webp', 'd.jpg'].map((name) => join(folder, name))
  for (const file of good) await image.clone().toFile(file)
  const whole = await readFile(good[0]!)
  const [clip, damaged] = [join(folder, 'clip.y4m'), join(folder, 'damaged.jpg')]
  await writeFile(damaged, whole.subarray(0, whole.length / 3))
  await writeClip(clip)
  return { good, clip, damaged }
}

it(
  'items of all kinds are worked on and everybody is told, also when a processor is killed',
  { timeout: 240_000 },
  async () => {
    const { good, clip, damaged } = await files()
    const pictures = await serve((_, response) => createReadStream(good[3]!).pipe(response))
    const stack = await startStack({ FETCH_ALLOW: '127.0.0.1' })
    const token = await stack.token(ADA)
    const client = createClient(stack.url, token)
    const outcomes = new Map<string, string>()
    const stop = await client.watch(
      (id, state) => outcomes.set(id, state),
      () => {},
    )

    const uploads = [damaged, clip, ...good.slice(0, 3)]
    const [broken, video, ...images] = await Promise.all(uploads.map((file) => client.upload(file, file)))
    const linked = await fetch(new URL('/items/link', stack.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ url: new URL('/pictures/d.jpg?signature=s3cr3t', pictures).href }),
    })
    expect(linked.status).toBe(202)
    const { id: link } = (await linked.json()) as { id: string }

    // In the middle of the video.
    const doomed = await stack.startProcessor({ CONCURRENCY: '3' })
    await vi.waitFor(async () => expect((await client.item(video!)).progress).toBeGreaterThan(0), {
      timeout: 60_000,
      interval: 10,
    })
    doomed.process.kill('SIGKILL')
    await doomed.endsWith('SIGKILL')
    expect(await client.item(video!)).toMatchObject({ state: 'active' })
    const heir = await stack.startProcessor({ CONCURRENCY: '3' })

    const all = [broken!, video!, ...images, link]
    await vi.waitFor(() => expect([...outcomes.keys()].toSorted()).toEqual(all.toSorted()), PATIENT)
    stop()
    const items = await Promise.all(all.map((id) => client.item(id)))
    const byId = new Map<string, Item>(items.map((item) => [item.id, item]))

    expect(byId.get(broken!)).toMatchObject({
      name: 'damaged.jpg',
      state: 'dead',
      failures: 6,
      error: 'the image cannot be read',
    })
    expect(byId.get(video!)).toMatchObject({ state: 'completed', result: { kind: 'video', poster: { width: 416 } } })
    for (const id of images) {
      const thumbnails = { large: { height: 700 }, medium: { height: 320 }, small: { height: 120 } }
      expect(byId.get(id)).toMatchObject({ state: 'completed', result: { thumbnails } })
    }
    expect(byId.get(link)).toMatchObject({ name: 'd.jpg', kind: 'link', state: 'completed', result: { kind: 'image' } })
    expect([...outcomes.values()].toSorted()).toEqual([...Array<string>(5).fill('completed'), 'dead'])

    // A mail for each item, whatever became of it, and one for the administrators; another time only where the killed one had no time to note it.
    const mailsTo = (address: string) =>
      new Map(stack.mails.filter(({ to }) => to.includes(address)).map((mail) => [mail.id, mail]))
    await vi.waitFor(() => expect(mailsTo(ADA.email).size).toBe(6), PATIENT)
    await vi.waitFor(() => expect([mailsTo('admins@example.org').size, stack.posts.length]).toEqual([1, 1]), PATIENT)
    const subjects = [...mailsTo(ADA.email).values()].map(({ subject }) => subject)
    expect(subjects.toSorted()).toEqual(
      [
        'a.jpg is ready',
        'b.png is ready',
        'c.webp is ready',
        'clip.y4m is ready',
        'd.jpg is ready',
        'damaged.jpg could not be worked on',
      ].toSorted(),
    )
    const [toAdmins] = [...mailsTo('admins@example.org').values()]
    expect(toAdmins).toMatchObject({ subject: 'media.image of damaged.jpg is dead after 6 attempts' })
    expect(stack.posts[0]).toContain('media.image of damaged.jpg is dead after 6 attempts')

    // The signature of the link.
    expect(JSON.stringify([stack.mails, stack.posts])).not.toContain('s3cr3t')

    const picture = await fetch(new URL(`/items/${images[0]}/files/small.webp`, stack.url), {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(await sharp(await picture.arrayBuffer()).metadata()).toMatchObject({ format: 'webp', height: 120 })

    heir.process.kill('SIGTERM')
    await heir.endsWith(0)
  },
)
