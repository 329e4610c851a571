import { join } from 'node:path'
import type { Queue } from '@jobport/core'
import { encode, thumbnail, type Headers } from './jobs.ts'
import type { Item } from './run/items.ts'
import type { Run } from './run/run-folder.ts'

/** Hands every item over as a job. To do so again changes nothing, so an interrupted start is simply repeated. */
export async function produce(queue: Queue, items: readonly Item[], run: Run): Promise<void> {
  const images = items.filter(({ kind }) => kind === 'image')
  const videos = items.filter(({ kind }) => kind === 'video')
  const receipts = await Promise.all([
    queue.enqueueMany(
      thumbnail,
      images.map(({ id, source, user, name }) => ({
        input: { source, target: join(run.thumbnails, `${id}.webp`) },
        options: { id, headers: { user, name } satisfies Headers },
      })),
    ),
    queue.enqueueMany(
      encode,
      videos.map(({ id, source, user, name }) => ({
        input: { source, target: join(run.videos, `${id}.mp4`), poster: join(run.thumbnails, `${id}.webp`) },
        options: { id, headers: { user, name } satisfies Headers },
      })),
    ),
  ])
  for (const receipt of receipts.flat()) if (receipt.status === 'refused') throw receipt.error
}
