import { connect } from 'node:net'

export type RawAnswer = {
  /** Everything that came back. */
  readonly text: string
  /** Of each answer in it; a runtime may also close without one. */
  readonly statuses: readonly number[]
  /** True when the other side ended the connection before the time limit. */
  readonly closed: boolean
  readonly milliseconds: number
}

type RawOptions = {
  readonly patienceMilliseconds?: number
  /** Sent again and again, so many milliseconds apart. */
  readonly drip?: { readonly text: string; readonly everyMilliseconds: number }
}

/** Sends bytes as they are, which no HTTP client would, and waits until the connection ends or patience does. */
export const rawRequest = (
  { url }: { readonly url: string },
  text: string,
  { patienceMilliseconds = 5000, drip }: RawOptions = {},
): Promise<RawAnswer> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    const began = performance.now()
    let received = ''
    const socket = connect({ host: hostname, port: Number(port) })
    const finish = (closed: boolean) => {
      clearTimeout(patience)
      clearInterval(dripping)
      socket.destroy()
      const statuses = [...received.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) =>
        Number(status),
      )
      resolve({ text: received, statuses, closed, milliseconds: performance.now() - began })
    }
    const patience = setTimeout(() => finish(false), patienceMilliseconds)
    const dripping =
      drip === undefined
        ? undefined
        : setInterval(() => socket.write(drip.text), drip.everyMilliseconds)
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
    })
    // A reset is a way to end the connection, and is followed by `close`.
    socket.on('error', () => undefined)
    socket.on('close', () => finish(true))
    if (text !== '') socket.write(text, 'latin1')
  })
