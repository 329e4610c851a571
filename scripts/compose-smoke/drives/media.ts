import type { Drive } from '../drive.ts'
import { expect, json, until } from '../expectations.ts'
import type { Stack } from '../stack.ts'
import { drawing } from '../drawing.ts'

const IMAGES = 60
/** Large ones, that take long enough to be interrupted. */
const LATE = 40
const user = { user: 'ada', email: 'ada@example.org' }

interface Item {
  readonly id: string
  readonly name: string
  readonly state: string
  readonly failures: number
  readonly result?: {
    readonly thumbnails?: Readonly<Record<string, File>>
    readonly video?: File
    readonly poster?: File
  }
}

interface File {
  readonly file: string
  readonly bytes: number
}

interface Mail {
  readonly subject: string
  readonly to: readonly { readonly address: string }[]
}

export const media: Drive = {
  name: 'media',
  profiles: ['media'],
  builds: ['producer'],

  async run(stack, step) {
    await step('up, with one processor', () => stack.up())
    const base = await stack.url('producer', 3_000)
    const mailbox = await stack.url('maildev', 1_080)

    const { cookie } = await step('a user signs in; without that nothing is taken', async () => {
      expect((await json(`${base}/items`)).status === 401, 'a stranger got an answer')
      const { status, headers } = await json(`${base}/session`, { body: user })
      expect(status === 200, `answered ${status}`)
      return { cookie: headers.getSetCookie()[0]!.split(';')[0]! }
    })
    const items = async (): Promise<readonly Item[]> =>
      (await json<{ items: Item[] }>(`${base}/items?limit=200`, { headers: { cookie } })).body.items
    const submit = async (name: string, content: Buffer, type = 'image/png'): Promise<string> => {
      const body = new FormData()
      body.append('file', new Blob([new Uint8Array(content)], { type }), name)
      const headers = { cookie, 'idempotency-key': name }
      const response = await fetch(`${base}/items/upload`, { method: 'POST', body, headers })
      const receipt = (await response.json()) as { id: string }
      expect(response.status === 202, `${name} was answered ${response.status} ${JSON.stringify(receipt)}`)
      return receipt.id
    }

    await step(`${IMAGES} images handed in, each twice`, async () => {
      const ids = new Set<string>()
      for (let index = 0; index < IMAGES; index++) {
        const image = drawing(900, 600, index)
        ids.add(await submit(`${index}.png`, image))
        expect((await submit(`${index}.png`, image)) === [...ids].at(-1), `${index}.png became two items`)
      }
      expect(ids.size === IMAGES, `${ids.size} items`)
    })
    await step('one that broke off', () => submit('damaged.png', drawing(900, 600, 1).subarray(0, 900)))

    await step('scaled to 4 processors while they work', async () => {
      await stack.up({ scale: { processor: 4 } })
      expect((await stack.containers('processor')).filter(({ State }) => State.Running).length === 4, 'not 4')
    })
    await step('a video', async () => submit('clip.mp4', await clip(stack), 'video/mp4'))
    await step('a processor killed while it works', async () => {
      const image = drawing(3_000, 2_000, 7)
      await Promise.all(Array.from({ length: LATE }, (_, index) => submit(`late-${index}.png`, image)))
      const open = await until('all processors to work', async () => {
        const states = (await items()).map(({ state }) => state)
        return states.filter((state) => state === 'active').length >= 4 ? states.filter(isOpen).length : undefined
      })
      return `${await stack.kill('processor')}, with ${open} items not finished`
    })

    const finished = await step('every item was worked on, the damaged one failed six times', async () => {
      const all = await until('every item to finish', async () => {
        const found = await items()
        return found.some(({ state }) => isOpen(state)) ? undefined : found
      })
      const dead = all.filter(({ state }) => state === 'dead')
      expect(all.length === IMAGES + LATE + 2, `${all.length} items`)
      expect(dead.length === 1 && dead[0]!.name === 'damaged.png', `dead: ${dead.map(({ name }) => name).join(', ')}`)
      expect(dead[0]!.failures === 6, `it failed ${dead[0]!.failures} times`)
      return all
    })
    await step('what was made can be fetched', async () => {
      const image = finished.find(({ name, state }) => name !== 'clip.mp4' && state === 'completed')!
      const video = finished.find(({ name }) => name === 'clip.mp4')!
      const files = [...filesOf(image), ...filesOf(video)]
      for (const { id, file, bytes } of files) {
        const response = await fetch(`${base}/items/${id}/files/${file}`, { headers: { cookie } })
        expect(response.status === 200, `${file} was answered ${response.status}`)
        expect((await response.arrayBuffer()).byteLength === bytes, `${file} has another length`)
      }
      return files.map(({ file }) => file).join(', ')
    })
    await step('the user was told of every item, the administrators of the dead one', () =>
      until('the mails', async () => {
        const { body: mails } = await json<Mail[]>(`${mailbox}/email`)
        const to = (address: string) => mails.filter((mail) => mail.to.some((each) => each.address === address)).length
        const [toUser, toAdmins] = [to(user.email), to('admins@localhost.localdomain')]
        return toUser >= finished.length && toAdmins >= 1 ? `${toUser} and ${toAdmins} mails` : undefined
      }),
    )
    await step('stopped in good order: exit code 0', async () => {
      await stack.compose('stop', 'producer', 'processor', 'notifier')
      const containers = await stack.containers('producer', 'processor', 'notifier')
      const codes = containers.map(({ State }) => State.ExitCode)
      // 137: the one that was killed.
      expect(codes.filter((code) => code !== 0).join() === '137', `exit codes ${codes.join(', ')}`)
    })
  },
}

function isOpen(state: string): boolean {
  return state !== 'completed' && state !== 'dead'
}

function filesOf({ id, result = {} }: Item) {
  const { thumbnails = {}, video, poster } = result
  return [...Object.values(thumbnails), video, poster].flatMap((made) => (made === undefined ? [] : [{ id, ...made }]))
}

/** Two seconds of video, drawn by the ffmpeg that the image brings. */
async function clip(stack: Stack): Promise<Buffer> {
  const draw = `
    const { path } = require('@ffmpeg-installer/ffmpeg')
    const args = '-f lavfi -i testsrc=duration=2:size=320x240:rate=10 -movflags frag_keyframe+empty_moov -f mp4 -'.split(' ')
    process.stdout.write(require('node:child_process').execFileSync(path, args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString('base64'))`
  return Buffer.from(await stack.compose('exec', '-T', 'processor', 'node', '--eval', draw), 'base64')
}
