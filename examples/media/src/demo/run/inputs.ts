import { join } from 'node:path'
import { UsageError } from '../../arguments.ts'
import { CLIP, DAMAGED, writeSamples } from '../../samples/samples.ts'
import { listItems, type Item } from './items.ts'

/** What a run works on. */
export interface Inputs {
  readonly items: readonly Item[]
  /** The folder that they come from, by which an unfinished run is found again. */
  readonly folder: string
  /** Names of files that are known to be damaged. */
  readonly damaged: readonly string[]
}

export interface InputOptions {
  /** A folder of images; `undefined`: the samples. */
  readonly input: string | undefined
  readonly work: string
  /** Whether there is something to encode videos with. Without it they are left out. */
  readonly videos: boolean
  readonly signal: AbortSignal
}

/**
 * The files of the input folder, or the samples. An input without a video gets the sample clip.
 * @throws UsageError when there is no image
 */
export async function prepareInputs({ input, work, videos, signal }: InputOptions): Promise<Inputs> {
  const samples = join(work, 'samples')
  await writeSamples(samples, input === undefined ? 'all' : 'clip', signal)
  const drawn = await listItems(samples)
  const all = input === undefined ? drawn : await listItems(input, work)
  const images = all.filter(({ kind }) => kind === 'image')
  if (images.length === 0) throw new UsageError(`--input: there are no images in ${input}`)
  const items = !videos
    ? images
    : all.length > images.length
      ? all
      : [...all, ...drawn.filter(({ name }) => name === CLIP)]
  return { items, folder: input ?? samples, damaged: input === undefined ? [DAMAGED] : [] }
}
