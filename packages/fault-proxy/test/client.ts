import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** Sends lines and tells what came back. */
export class Client {
  readonly socket: Socket
  /** Everything that has arrived. */
  text = ''
  readonly chunks: string[] = []
  /** How the connection ended: `end`, or the code of an error. */
  readonly over: Promise<string>
  #wake: (() => void)[] = []

  static async connect(port: number): Promise<Client> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new Client(socket)
  }

  private constructor(socket: Socket) {
    this.socket = socket.setNoDelay(true).setEncoding('utf8')
    socket.on('data', (text: string) => {
      this.text += text
      this.chunks.push(text)
      for (const wake of this.#wake.splice(0)) wake()
    })
    this.over = new Promise((resolve) => {
      socket.on('end', () => resolve('end'))
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    })
  }

  send(line: string): void {
    this.socket.write(`${line}\n`)
  }

  /** Resolves when so much has arrived. */
  async received(text: string): Promise<void> {
    while (!this.text.includes(text)) await new Promise<void>((resolve) => this.#wake.push(resolve))
  }

  async ask(line: string): Promise<void> {
    this.send(line)
    await this.received(`${line}\n`)
  }
}
