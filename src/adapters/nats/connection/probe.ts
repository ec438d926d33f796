import { createConnection } from 'node:net'
import type { Pause } from '../../../ports/driven/shared/clock.ts'
import type { ServerAddress } from './server-address.ts'

/**
 * Whether somebody behind this address speaks first, as each NATS server does, within so many milliseconds. The kernel
 * of a frozen server still accepts connections, and the client never lets go of one that stays silent.
 */
export const knock = async (
  { host, port }: ServerAddress,
  pause: Pause,
  deadlineMs: number,
): Promise<boolean> => {
  const answered = new AbortController()
  const socket = createConnection({ host, port })
  let greeted = false
  socket.once('data', () => {
    greeted = true
    answered.abort()
  })
  socket.once('error', () => answered.abort())
  socket.once('close', () => answered.abort())
  await pause(deadlineMs, answered.signal)
  socket.destroy()
  return greeted
}
