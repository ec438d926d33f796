import type { UserEvent } from '@auth-service/user-events'

/** An open stream to a user who is present. */
export type Visitor = {
  readonly userId: string
  /** Sends a message to this visitor only. */
  send(kind: 'joined' | 'left' | 'renamed' | 'goodbye', what: unknown): void
  close(): void
}

export type Presence = {
  /** Whether the user was deactivated or deleted. An access token stays valid until it expires, so it does not show this. */
  isBanned(userId: string): boolean
  join(visitor: Visitor): void
  leave(visitor: Visitor): void
  apply(event: UserEvent<1>): void
  list(): readonly { readonly userId: string; readonly name: string | null }[]
}

/** The users who are present, in memory. */
export const makePresence = (): Presence => {
  const visitors = new Set<Visitor>()
  const names = new Map<string, string>()
  const banned = new Set<string>()
  const shown = (userId: string) => ({ userId, name: names.get(userId) ?? null })
  const sendToAll: Visitor['send'] = (kind, what) => {
    for (const visitor of visitors) visitor.send(kind, what)
  }
  const leave = (visitor: Visitor): void => {
    if (visitors.delete(visitor)) sendToAll('left', shown(visitor.userId))
  }
  const sendAway = (userId: string): void => {
    for (const visitor of visitors) {
      if (visitor.userId !== userId) continue
      visitor.send('goodbye', { reason: 'account-inactive' })
      leave(visitor)
      visitor.close()
    }
  }
  return {
    isBanned: (userId) => banned.has(userId),
    join: (visitor) => {
      visitors.add(visitor)
      sendToAll('joined', shown(visitor.userId))
    },
    leave,
    apply: ({ userId, action, data: { username, isActive } }) => {
      if (action === 'deleted' || !isActive) {
        banned.add(userId)
        names.delete(userId)
        return sendAway(userId)
      }
      banned.delete(userId)
      const isRenamed = names.get(userId) !== username
      names.set(userId, username)
      if (isRenamed) sendToAll('renamed', shown(userId))
    },
    list: () => [...new Set([...visitors].map(({ userId }) => userId))].map(shown),
  }
}
