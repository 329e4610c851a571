import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { median } from '../report/statistics.ts'

/** What the figures depend on besides the code. */
export interface Machine {
  readonly processor: string
  readonly memory: string
  readonly system: string
  readonly node: string
  /** Of the folder for temporary files, with the median time of an fdatasync. */
  readonly disk: string
  /** Processes that wanted to run in the last minute, when the benchmark began. */
  readonly load: number
}

/** By the number that `statfs` gives (man 2 statfs). */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x01021994: 'tmpfs, which keeps nothing',
  0x794c7630: 'overlayfs',
  0x1a: 'apfs',
}

export function describeMachine(): Machine {
  const model = cpus()[0]?.model.trim() || process.arch
  return {
    processor: `${availableParallelism()} × ${model}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()}`,
    node: `Node ${process.versions.node}`,
    disk: describeDisk(),
    load: loadavg()[0] ?? 0,
  }
}

function describeDisk(): string {
  const directory = mkdtempSync(join(tmpdir(), 'jobport-bench-'))
  try {
    const kind = FILE_SYSTEMS[statfsSync(directory).type]
    const microseconds = Math.round(timeOfSync(join(directory, 'sync')) * 1000)
    return `${kind === undefined ? '' : `${kind}, `}fdatasync ${microseconds} µs`
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Milliseconds that a written block of 4 KiB takes to be safe. */
function timeOfSync(path: string): number {
  const file = openSync(path, 'w')
  const block = Buffer.alloc(4096, 1)
  const times = Array.from({ length: 100 }, () => {
    writeSync(file, block)
    const start = performance.now()
    fdatasyncSync(file)
    return performance.now() - start
  })
  closeSync(file)
  return median(times)
}
