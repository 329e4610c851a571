import { cp, mkdir, readdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { listItems } from '../src/demo/run/items.ts'
import { readOutbox, runsIn, startProgram, temporaryFolder, workFolder } from './program.ts'
import { sharedSamples } from './samples.ts'

/** A folder with two good images, one of them in a subfolder, and others as wished. */
async function someImages(): Promise<string> {
  const folder = join(temporaryFolder(), 'my pictures')
  await mkdir(join(folder, 'holidays'), { recursive: true })
  const image = sharp({ create: { width: 900, height: 600, channels: 3, background: '#3fa7d6' } })
  await image.png().toFile(join(folder, 'blue.png'))
  await image.jpeg().toFile(join(folder, 'holidays', 'blue sky.JPG'))
  await writeFile(join(folder, 'notes.txt'), 'not an image')
  return folder
}

const PATIENT = { timeout: 120_000 }

describe('npm start', PATIENT, () => {
  it('makes all thumbnails, encodes the clip, tells everybody, draws the sheet, and begins anew the next time', async () => {
    const work = await workFolder(await sharedSamples())
    const first = startProgram(['--output', work])
    await first.endsWith(0)
    expect(first.output()).toContain('Working on 37 images and 1 video (samples)')
    expect(first.output()).toContain('39: 38 completed, 1 dead (19-damaged.jpg)')
    expect(first.output()).toMatch(/retries +5\n/)
    expect(first.output()).toContain('administrators: media.thumbnail of 19-damaged.jpg is dead after 6 attempts')

    const [run, ...others] = await runsIn(work)
    expect(others).toEqual([])
    const thumbnails = await readdir(join(run!, 'thumbnails'))
    expect(thumbnails).toHaveLength(37)
    expect(thumbnails.every((name) => name.endsWith('.webp'))).toBe(true)
    expect(await readdir(join(run!, 'videos'))).toEqual([expect.stringMatching(/^lights-y4m-.*\.mp4$/)])

    const users = await readOutbox(run!, 'users')
    expect(users).toHaveLength(39)
    expect(new Set(users.map(({ id }) => id)).size).toBe(39)
    expect(users.filter(({ event }) => event === 'dead')).toMatchObject([
      { job: { headers: { name: '19-damaged.jpg' } } },
    ])
    const admins = await readOutbox(run!, 'admins')
    expect(admins).toMatchObject([
      { event: 'dead', to: { role: 'admins' }, error: { message: expect.stringContaining('JPEG') } },
    ])

    // However the program shortens the way there.
    expect(first.output()).toContain(join('runs', basename(run!), 'contact-sheet.png'))
    const sheet = await sharp(join(run!, 'contact-sheet.png')).metadata()
    expect(sheet).toMatchObject({ format: 'png', width: 1600 })

    const second = startProgram(['--output', work])
    await second.printed('Working on 37 images')
    second.process.kill('SIGTERM')
    await second.endsWith(143)
    expect(await runsIn(work)).toHaveLength(2)
  })

  it('works on a folder of the user’s own, and takes a damaged image there for what it is', async () => {
    const input = await someImages()
    await cp(join(await sharedSamples(), '19-damaged.jpg'), join(input, 'torn.jpg'))
    const work = await workFolder(await sharedSamples())
    const program = startProgram(['--input', input, '--output', work, '--concurrency', '3'])
    await program.endsWith(0)
    expect(program.output()).toContain('Working on 3 images and 1 video of')
    expect(program.output()).toContain('5: 4 completed, 1 dead (torn.jpg)')
  })

  it('goes without video where there is no ffmpeg, and says so', async () => {
    const program = startProgram(['--input', await someImages(), '--output', await workFolder(await sharedSamples())], {
      FFMPEG_PATH: '/nowhere/ffmpeg',
    })
    await program.endsWith(0)
    expect(program.output()).toContain('There is no ffmpeg here, so no video is encoded.')
    expect(program.output()).toContain('2: 2 completed, 0 dead')
  })

  it('stops at a signal, and the next start continues', async () => {
    const work = await workFolder(await sharedSamples())
    const first = startProgram(['--output', work])
    await first.printed('of 38 jobs')
    first.process.kill('SIGINT')
    await first.endsWith(130)
    expect(first.output()).toContain('Stopped. Start it again, and it continues where it is.')

    const second = startProgram(['--output', work])
    await second.endsWith(0)
    expect(second.output()).toContain('Continuing on 37 images and 1 video')
    expect(second.output()).toContain('39: 38 completed, 1 dead')
    expect(second.output()).not.toContain('interrupted')
    expect(await runsIn(work)).toHaveLength(1)
  })

  it('says what is not as expected, with exit code 1', async () => {
    const work = await workFolder(await sharedSamples())
    const first = startProgram(['--output', work])
    await first.printed('of 38 jobs')
    first.process.kill('SIGINT')
    await first.endsWith(130)
    const [run] = await runsIn(work)
    const good = (await listItems(await sharedSamples())).find(({ name }) => name.startsWith('36-'))!
    // A file cannot take the place of a folder, so this image cannot be done.
    await mkdir(join(run!, 'thumbnails', `${good.id}.webp`))

    const second = startProgram(['--output', work])
    await second.endsWith(1)
    expect(second.output()).toContain('37 completed, 2 dead')
    expect(second.output()).toMatch(/Not as expected:\n {2}36-cells-polar\.webp is dead: EISDIR/)
    expect(await readOutbox(run!, 'admins')).toHaveLength(2)
  })
})

describe('wrong arguments', PATIENT, () => {
  it('an option that does not exist: exit code 2 and a sentence', async () => {
    const program = startProgram(['--inptu', 'x'])
    await program.endsWith(2)
    expect(program.output()).toContain("Unknown option '--inptu'")
    expect(program.output()).not.toContain('    at ')
  })

  it('a folder without images: exit code 2', async () => {
    const input = temporaryFolder()
    const program = startProgram(['--input', input, '--output', await workFolder(await sharedSamples())])
    await program.endsWith(2)
    expect(program.output()).toContain(`there are no images in ${input}`)
  })
})
