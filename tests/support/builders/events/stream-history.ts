import { eventually } from '../../processes/timing/eventually.ts'
import type { Site } from '../service/given-site.ts'
import type { FoundMessage } from './stored-messages.ts'
import { storedMessages, withJetStream } from './stored-messages.ts'

export const STREAM = 'USER_EVENTS'

/** The messages of the stream of all user events, in order; none when there is no such stream. */
export const historyOf = async ({ nats }: Pick<Site, 'nats'>): Promise<FoundMessage[]> =>
  (await messageCount(nats)) === 0 ? [] : storedMessages(nats, STREAM)

/**
 * What a consumer would complain about, a sentence each: an event that comes twice, and a user's version that does not
 * follow the one before it.
 */
export const complaintsAbout = (history: readonly Pick<FoundMessage, 'headers'>[]): string[] => {
  const seen = new Set<string>()
  const latest = new Map<string, number>()
  const complaints: string[] = []
  for (const { headers } of history) {
    const { 'ce-id': id = '', 'ce-subject': user = '', 'ce-sequence': sequence } = headers
    const version = Number(sequence)
    const before = latest.get(user) ?? 0
    if (seen.has(id)) complaints.push(`event ${id} comes twice`)
    if (version !== before + 1) complaints.push(`${version} after ${before} of user ${user}`)
    seen.add(id)
    latest.set(user, version)
  }
  return complaints
}

/** How many changes were committed. Each of them has to be delivered to the stream. */
export const committedCount = async ({ sql }: Pick<Site, 'sql'>): Promise<number> => {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from outbox_events`
  return row?.count ?? 0
}

/** How many deliveries are still in the outbox. */
export const pendingCount = async ({ sql }: Pick<Site, 'sql'>): Promise<number> => {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from outbox_deliveries`
  return row?.count ?? 0
}

/**
 * The history once nothing is pending any more. Fails when that takes longer, and when it is not exactly one message for
 * each committed change, in order.
 */
export const wholeHistory = async (site: Site, seconds: number): Promise<FoundMessage[]> => {
  const { history, committed } = await eventually('everything delivered', seconds, async () => {
    const pending = await pendingCount(site)
    if (pending > 0) throw new Error(`${pending} are pending`)
    const found = { history: await historyOf(site), committed: await committedCount(site) }
    // In a cluster the reading server may not have every message yet that the leader has acknowledged.
    if (found.history.length < found.committed)
      throw new Error(`${found.history.length} messages for ${found.committed} changes`)
    return found
  })
  const complaints = complaintsAbout(history)
  if (complaints.length > 0 || history.length !== committed)
    throw new Error(
      `${history.length} messages for ${committed} changes: ${complaints.slice(0, 20).join('; ')}`,
    )
  return history
}

/** How many messages the stream holds; none when there is no such stream. */
const messageCount = (nats: Site['nats']): Promise<number> =>
  withJetStream(nats, async ({ streams }) => {
    for await (const { config, state } of streams.list())
      if (config.name === STREAM) return state.messages
    return 0
  })
