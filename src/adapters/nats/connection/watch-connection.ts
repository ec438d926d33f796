import type { NatsConnection } from 'nats'
import type { Pause } from '../../../ports/driven/shared/clock.ts'

type Watch = { readonly everyMs: number; readonly deadlineMs: number; readonly pause: Pause }

/**
 * Resolves with the reason once the connection is no longer of use: it ended, or a round trip to the server took longer
 * than the deadline. The client alone notices a silent peer after minutes, or never.
 */
export const watchConnection = async (
  connection: NatsConnection,
  { everyMs, deadlineMs, pause }: Watch,
): Promise<string> => {
  let resting = new AbortController()
  let ended: string | null = null
  void connection.closed().then((fault) => {
    ended = fault ? codeOf(fault) : 'closed'
    resting.abort()
  })
  const rest = async (milliseconds: number): Promise<void> => {
    if (ended === null) await pause(milliseconds, resting.signal)
  }

  for (;;) {
    const probe = { answered: false }
    resting = new AbortController()
    sendProbe(connection, probe, resting)
    await rest(deadlineMs)
    if (ended !== null) return ended
    if (!probe.answered) return 'no answer'
    resting = new AbortController()
    await rest(everyMs)
  }
}

const sendProbe = (
  connection: NatsConnection,
  probe: { answered: boolean },
  resting: AbortController,
): void => {
  connection.flush().then(
    () => {
      probe.answered = true
      resting.abort()
    },
    () => resting.abort(),
  )
}

const codeOf = (fault: Error): string =>
  'code' in fault && typeof fault.code === 'string' ? fault.code : fault.message
