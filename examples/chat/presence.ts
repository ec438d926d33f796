import type { UserEvent } from '@auth-service/user-events'

/** An open stream to somebody who is here. */
export type Visitor = {
  readonly userId: string
  /** Says something to this visitor alone. */
  tell(kind: 'joined' | 'left' | 'renamed' | 'goodbye', what: unknown): void
  close(): void
}

export type Presence = {
  /** Whether the user was deactivated or deleted: a token knows only when it expires. */
  isBanned(userId: string): boolean
  join(visitor: Visitor): void
  leave(visitor: Visitor): void
  apply(event: UserEvent<1>): void
  list(): readonly { readonly userId: string; readonly name: string | null }[]
}

/** Who is here, in memory. */
export const makePresence = (): Presence => {
  const visitors = new Set<Visitor>()
  const names = new Map<string, string>()
  const banned = new Set<string>()
  const shown = (userId: string) => ({ userId, name: names.get(userId) ?? null })
  const tellAll: Visitor['tell'] = (kind, what) => {
    for (const visitor of visitors) visitor.tell(kind, what)
  }
  const leave = (visitor: Visitor): void => {
    if (visitors.delete(visitor)) tellAll('left', shown(visitor.userId))
  }
  const sendAway = (userId: string): void => {
    for (const visitor of visitors) {
      if (visitor.userId !== userId) continue
      visitor.tell('goodbye', { reason: 'account-inactive' })
      leave(visitor)
      visitor.close()
    }
  }
  return {
    isBanned: (userId) => banned.has(userId),
    join: (visitor) => {
      visitors.add(visitor)
      tellAll('joined', shown(visitor.userId))
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
      if (isRenamed) tellAll('renamed', shown(userId))
    },
    list: () => [...new Set([...visitors].map(({ userId }) => userId))].map(shown),
  }
}
