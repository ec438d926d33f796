import { connect } from 'node:net'

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80 }

/** Whether somebody takes a connection there within this time. Never throws. */
export const isReachable = (
  { protocol, hostname, port }: URL,
  milliseconds: number,
): Promise<boolean> =>
  new Promise((resolve) => {
    const host = hostname.replaceAll(/[[\]]/g, '')
    const socket = connect({ host, port: Number(port) || (DEFAULT_PORTS[protocol] ?? 443) })
    const done = (reachable: boolean) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(reachable)
    }
    const timer = setTimeout(done, milliseconds, false)
    socket.once('connect', () => done(true))
    socket.once('error', () => done(false))
  })
