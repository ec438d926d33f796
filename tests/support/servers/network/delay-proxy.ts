import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'

export type DelayProxy = {
  readonly url: string
  /** From now on each byte takes so much longer, in either direction. */
  delay(milliseconds: number): void
  close(): void
}

/** Stands before a server on this machine and holds back what passes. */
export const delayProxy = async (target: string): Promise<DelayProxy> => {
  const { protocol, hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let milliseconds = 0

  const pass = (from: Socket, to: Socket): void => {
    sockets.add(from)
    // In one line, so that a shorter delay lets nothing overtake.
    let last: Promise<unknown> = Promise.resolve()
    from.on('data', (bytes) => {
      const due = Bun.sleep(milliseconds)
      last = last.then(() => due).then(() => to.writable && to.write(bytes))
    })
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
  }
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    pass(client, upstream)
    pass(upstream, client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const own = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `${protocol}//127.0.0.1:${own}`,
    delay: (by) => {
      milliseconds = by
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
