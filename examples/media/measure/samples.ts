import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listItems } from '../src/demo/run/items.ts'
import { DAMAGED, writeSamples } from '../src/samples/samples.ts'

/** The samples, drawn once, and which of them are images that can be read. */
export async function samples(): Promise<{ readonly folder: string; readonly images: readonly string[] }> {
  const folder = join(tmpdir(), 'jobport-media-samples')
  await writeSamples(folder, 'all', new AbortController().signal)
  const items = await listItems(folder)
  const images = items.filter(({ kind, name }) => kind === 'image' && name !== DAMAGED)
  return { folder, images: images.map(({ source }) => source) }
}
