export type UserAction = 'created' | 'updated' | 'deleted'
export type UserRole = 'user' | 'moderator' | 'admin'

/**
 * The body of an event, version 1: these nine fields in this order. Readers ignore fields that they do not know.
 * `contracts/user-events/v1.schema.json` says the same as JSON Schema.
 */
export type UserEventV1 = {
  /** The user's id, a UUID. */
  readonly id: string
  /** Null for accounts that have no address. */
  readonly email: string | null
  readonly username: string
  readonly displayName: string | null
  /** An https URL. */
  readonly avatar: string | null
  readonly role: UserRole
  readonly isActive: boolean
  /** `deleted` carries the last state. */
  readonly action: UserAction
  /** When the change was committed: RFC 3339, UTC, milliseconds. It orders nothing; `ce-sequence` does. */
  readonly timestamp: string
}
