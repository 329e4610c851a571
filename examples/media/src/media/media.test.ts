import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/program.ts'
import { writeClip } from '../samples/clip.ts'
import { findFfmpeg, runFfmpeg, type Progress } from './ffmpeg.ts'
import { recognise } from './recognise.ts'
import { makeThumbnail, makeThumbnails } from './thumbnail.ts'
import { encodeVideo, makePoster } from './video.ts'

const never = new AbortController().signal

function image(width: number, height: number) {
  return sharp({ create: { width, height, channels: 3, background: '#c8452d' } })
}

async function kindOf(name: string, content: string | Buffer) {
  const file = join(temporaryFolder(), name)
  await writeFile(file, content)
  return recognise(file)
}

describe('a thumbnail', () => {
  it('fits into 480 by 320, in proportion', async () => {
    const folder = temporaryFolder()
    await image(1500, 500).png().toFile(join(folder, 'a.png'))
    const made = await makeThumbnail(join(folder, 'a.png'), join(folder, 'a.webp'), never)
    expect(made).toMatchObject({ file: join(folder, 'a.webp'), width: 480, height: 160 })
    expect(await sharp(made.file).metadata()).toMatchObject({
      format: 'webp',
      width: 480,
      height: 160,
    })
    expect((await readFile(made.file)).length).toBe(made.bytes)
  })

  it('is upright, whatever way the camera was held, and never larger than its source', async () => {
    const folder = temporaryFolder()
    await image(200, 100).jpeg().withMetadata({ orientation: 6 }).toFile(join(folder, 'a.jpg'))
    expect(await makeThumbnail(join(folder, 'a.jpg'), join(folder, 'a.webp'), never)).toMatchObject({
      width: 100,
      height: 200,
    })
  })

  it('of a damaged image is refused, and leaves nothing behind', async () => {
    const folder = temporaryFolder()
    const whole = await image(800, 600).jpeg().toBuffer()
    await writeFile(join(folder, 'a.jpg'), whole.subarray(0, whole.length / 2))
    await expect(makeThumbnail(join(folder, 'a.jpg'), join(folder, 'a.webp'), never)).rejects.toThrow('JPEG')
    expect(await readdir(folder)).toEqual(['a.jpg'])
  })

  it('is not begun when it is no longer wanted', async () => {
    const folder = temporaryFolder()
    await image(80, 60).png().toFile(join(folder, 'a.png'))
    const aborted = AbortSignal.abort(new Error('closing'))
    await expect(makeThumbnail(join(folder, 'a.png'), join(folder, 'a.webp'), aborted)).rejects.toThrow('closing')
    expect(await readdir(folder)).toEqual(['a.png'])
  })
})

describe('three thumbnails', () => {
  it('are made at once, each within its box and none larger than the source', async () => {
    const folder = temporaryFolder()
    await image(1000, 400).png().toFile(join(folder, 'a.png'))
    const targets = { large: join(folder, 'l.webp'), medium: join(folder, 'm.webp'), small: join(folder, 's.webp') }
    expect(await makeThumbnails(join(folder, 'a.png'), targets, never)).toMatchObject({
      large: { file: targets.large, width: 1000, height: 400 },
      medium: { width: 480, height: 192 },
      small: { width: 160, height: 64 },
    })
    expect(await sharp(targets.small).metadata()).toMatchObject({ format: 'webp', width: 160, height: 64 })
  })
})

describe('the content of a file', () => {
  it('says what it is, not the name', async () => {
    expect(await kindOf('a.txt', await image(8, 8).jpeg().toBuffer())).toEqual({ kind: 'image' })
    expect(await kindOf('a.jpg', 'YUV4MPEG2 W2 H2 F25:1\n')).toEqual({ kind: 'video', demuxer: 'yuv4mpegpipe' })
  })

  it.each([
    ['a script in a picture', 'a.jpg', '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'],
    ['a playlist, which can name files and addresses', 'a.mp4', '#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n'],
    ['a document', 'a.png', '%PDF-1.7\n'],
    ['nothing', 'a.png', ''],
  ])('%s is neither an image nor a video', async (_, name, content) => {
    expect(await kindOf(name, content)).toBeUndefined()
  })
})

describe('ffmpeg', { timeout: 180_000 }, () => {
  it('encodes a clip, tells how far it is, and gives a poster frame', async () => {
    const ffmpeg = await findFfmpeg()
    expect(ffmpeg).toBeDefined()
    const folder = temporaryFolder()
    await writeClip(join(folder, 'clip.y4m'))
    const told: Progress[] = []
    const onProgress = (progress: Progress): void => void told.push(progress)
    const video = await encodeVideo(ffmpeg!, join(folder, 'clip.y4m'), join(folder, 'clip.mp4'), {
      signal: never,
      onProgress,
    })
    expect(video).toMatchObject({ file: join(folder, 'clip.mp4'), seconds: expect.closeTo(3, 0) })
    expect((await readFile(video.file)).subarray(4, 8).toString()).toBe('ftyp')
    expect(told.at(-1)!.share).toBeGreaterThan(0.9)
    const poster = await makePoster(ffmpeg!, video.file, 1.5, join(folder, 'clip.webp'), never)
    expect(poster).toMatchObject({ width: 416, height: 234 })
    expect((await readdir(folder)).toSorted()).toEqual(['clip.mp4', 'clip.webp', 'clip.y4m'])
  })

  it('is killed by an abort, with its reason', async () => {
    const ffmpeg = (await findFfmpeg())!
    const folder = temporaryFolder()
    const abort = new AbortController()
    // At its natural speed this goes on for a minute.
    const endless = ['-re', '-f', 'lavfi', '-i', 'testsrc=duration=60', '-f', 'null', '-']
    const onProgress = (): void => abort.abort(new Error('closing'))
    await expect(runFfmpeg(ffmpeg, endless, { signal: abort.signal, onProgress })).rejects.toThrow('closing')
    expect(await readdir(folder)).toEqual([])
  })

  it('takes a source for what it was said to be, and for nothing else', async () => {
    const ffmpeg = (await findFfmpeg())!
    const folder = temporaryFolder()
    await writeClip(join(folder, 'clip.y4m'))
    const [clip, list, target] = ['clip.y4m', 'list.txt', 'b.mp4'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    await writeFile(list, `ffconcat version 1.0\nfile clip.y4m\n`)
    const told = { signal: never, demuxer: 'yuv4mpegpipe', threads: 1 }
    expect(await encodeVideo(ffmpeg, clip, target, told)).toMatchObject({ file: target })
    await expect(encodeVideo(ffmpeg, list, target, told)).rejects.toThrow(/ended with 1/)
  })

  it('that fails says why', async () => {
    const ffmpeg = (await findFfmpeg())!
    const folder = temporaryFolder()
    await writeFile(join(folder, 'a.mp4'), 'no video')
    const attempt = encodeVideo(ffmpeg, join(folder, 'a.mp4'), join(folder, 'b.mp4'), { signal: never })
    await expect(attempt).rejects.toThrow(/ended with 1: .*Invalid data/)
    expect(await readdir(folder)).toEqual(['a.mp4'])
  })
})
