import type { Drive } from '../drive.ts'
import { expect, json, until } from '../expectations.ts'
import { drawing } from '../drawing.ts'

const IMAGES = 60
const user = { user: 'ada', email: 'ada@example.org' }

interface Item {
  readonly id: string
  readonly name: string
  readonly state: string
  readonly failures: number
  readonly result?: { readonly thumbnails: Readonly<Record<string, { readonly file: string; readonly bytes: number }>> }
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

    const cookie = await step('a user signs in; without that nothing is taken', async () => {
      expect((await json(`${base}/items`)).status === 401, 'a stranger got an answer')
      const { status, headers } = await json(`${base}/session`, { body: user })
      expect(status === 200, `answered ${status}`)
      return headers.getSetCookie()[0]!.split(';')[0]!
    })
    const items = async (): Promise<readonly Item[]> =>
      (await json<{ items: Item[] }>(`${base}/items?limit=200`, { headers: { cookie } })).body.items
    const submit = async (name: string, content: Buffer, key = name): Promise<string> => {
      const body = new FormData()
      body.append('file', new Blob([new Uint8Array(content)], { type: 'image/png' }), name)
      const headers = { cookie, 'idempotency-key': key }
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
    await step('a processor killed while it works', async () => {
      const image = drawing(3_000, 2_000, 7)
      for (let index = 0; index < 24; index++) await submit(`late-${index}.png`, image)
      return stack.kill('processor')
    })

    const finished = await step('every image has its thumbnails, the damaged one failed six times', async () => {
      const all = await until('every item to finish', async () => {
        const found = await items()
        return found.every(({ state }) => state === 'completed' || state === 'dead') ? found : undefined
      })
      const dead = all.filter(({ state }) => state === 'dead')
      expect(all.length === IMAGES + 25, `${all.length} items`)
      expect(dead.length === 1 && dead[0]!.name === 'damaged.png', `dead: ${dead.map(({ name }) => name).join(', ')}`)
      return all
    })
    await step('thumbnails can be fetched', async () => {
      const { id, result } = finished.find(({ state }) => state === 'completed')!
      for (const { file, bytes } of Object.values(result!.thumbnails)) {
        const response = await fetch(`${base}/items/${id}/files/${file}`, { headers: { cookie } })
        expect(response.status === 200, `${file} was answered ${response.status}`)
        expect((await response.arrayBuffer()).byteLength === bytes, `${file} has another length`)
      }
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
