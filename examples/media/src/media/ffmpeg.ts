import { execFile, spawn } from 'node:child_process'
import { access, chmod, constants } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

/**
 * The program to run: `FFMPEG_PATH` where it is set, else the machine's own, else the one that npm brought. `undefined` when there is none that works.
 */
export async function findFfmpeg(): Promise<string | undefined> {
  const wanted = process.env.FFMPEG_PATH
  const candidates = wanted === undefined ? ['ffmpeg', await fromNpm()] : [wanted]
  for (const candidate of candidates) if (candidate !== undefined && (await works(candidate))) return candidate
  return undefined
}

async function fromNpm(): Promise<string | undefined> {
  try {
    const { default: installed } = await import('@ffmpeg-installer/ffmpeg')
    // It comes with an install script that does this, and install scripts are off.
    await access(installed.path, constants.X_OK).catch(() => chmod(installed.path, 0o755))
    return installed.path
  } catch {
    return undefined
  }
}

async function works(program: string): Promise<boolean> {
  try {
    await promisify(execFile)(program, ['-version'], { timeout: 10_000 })
    return true
  } catch {
    return false
  }
}

/** How far ffmpeg is. */
export interface Progress {
  readonly seconds: number
  /** 0 to 1; absent where the length of the input is not known. */
  readonly share?: number
}

export interface FfmpegRun {
  readonly signal: AbortSignal
  /** Called about twice a second. */
  readonly onProgress?: (progress: Progress) => void
}

/**
 * Runs ffmpeg to its end; answers the length of what it wrote, in seconds. An abort kills it. When this process dies, ffmpeg ends with its next report,
 * for want of a reader.
 */
export function runFfmpeg(
  program: string,
  args: readonly string[],
  { signal, onProgress }: FfmpegRun,
): Promise<number> {
  signal.throwIfAborted()
  const child = spawn(program, ['-hide_banner', '-nostdin', '-nostats', '-progress', 'pipe:1', '-y', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  })
  let length: number | undefined
  let seconds = 0
  const complaints: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    length ??= lengthOf(line)
    complaints.push(line)
    if (complaints.length > 5) complaints.shift()
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    const time = /^out_time_us=(\d+)$/.exec(line)
    if (time === null) return
    seconds = Number(time[1]) / 1e6
    onProgress?.({ seconds, ...(length !== undefined && { share: Math.min(1, seconds / length) }) })
  })
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(signal.aborted ? (signal.reason as Error) : error))
    child.on('close', (code, killedBy) => {
      if (code === 0) resolve(seconds)
      else reject(new Error(`ffmpeg ${killedBy ?? `ended with ${code}`}: ${complaints.join(' | ')}`))
    })
  })
}

/** Of a line such as `  Duration: 00:00:03.00, start: …`. */
function lengthOf(line: string): number | undefined {
  const [, hours, minutes, seconds] = /^\s*Duration: (\d+):(\d+):([\d.]+)/.exec(line) ?? []
  return seconds === undefined ? undefined : Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)
}
