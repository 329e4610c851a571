/** The server that the systems of a suite share, seen from a process that measures. Everything in it belongs to the benchmark. */
export interface Server {
  /** With its version and settings, as the report states it. */
  readonly description: string
  /** Removes whatever the last system left, settings included. */
  reset(): Promise<void>
  /** What is stored, in bytes. */
  bytes(): Promise<number>
  /** Gives back the room of what was removed, where that does not happen by itself. */
  compact?(): Promise<void>
  /** CPU time that it has used. Undefined where it cannot be seen from here. */
  cpuSeconds(): Promise<number | undefined>
  /** Makes what is stored outlast a crash, but for the last second. Absent where it is durable anyway. */
  persist?(): Promise<void>
  close(): Promise<void>
}

export type ConnectServer = () => Promise<Server>
