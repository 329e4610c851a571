import { FileTypeParser, type Detector } from 'file-type'

/** What a file is by its content. Names and declared types are what somebody says. */
export interface MediaType {
  readonly kind: 'image' | 'video'
  /** Of a video: how ffmpeg calls its container. It is told, so that it guesses at nothing and opens nothing that refers to other files. */
  readonly demuxer?: string
}

const IMAGES: ReadonlySet<string> = new Set(['avif', 'gif', 'jpg', 'png', 'apng', 'tif', 'webp'])

const DEMUXERS: Readonly<Record<string, string>> = {
  mp4: 'mov',
  m4v: 'mov',
  mov: 'mov',
  mkv: 'matroska',
  webm: 'matroska',
  avi: 'avi',
  y4m: 'yuv4mpegpipe',
}

const Y4M = Buffer.from('YUV4MPEG2 ')

const uncompressed: Detector = {
  id: 'y4m',
  async detect(tokenizer) {
    const start = new Uint8Array(Y4M.length)
    await tokenizer.peekBuffer(start, { length: start.length, mayBeLess: true })
    return Y4M.equals(start) ? { ext: 'y4m', mime: 'video/x-yuv4mpeg' } : undefined
  },
}

/** `undefined` for what is neither an image nor a video that can be worked on. */
export async function recognise(file: string): Promise<MediaType | undefined> {
  const found = await new FileTypeParser({ customDetectors: [uncompressed] }).fromFile(file)
  if (found === undefined) return undefined
  if (IMAGES.has(found.ext)) return { kind: 'image' }
  const demuxer = DEMUXERS[found.ext]
  return demuxer === undefined ? undefined : { kind: 'video', demuxer }
}
