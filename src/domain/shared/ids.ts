/** A string that only its parser can make. The type `Brand<'UserId'>` does not accept a plain string. */
export type Brand<Name extends string> = string & { readonly [key in Name]: never }

export type UserId = Brand<'UserId'>
export type SessionId = Brand<'SessionId'>
export type EventId = Brand<'EventId'>

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const parseUuid = <Id extends string>(text: string): Id | null =>
  UUID.test(text) ? (text as Id) : null

/** Null unless the text is a lower-case UUID (RFC 9562). */
export const parseUserId = (text: string): UserId | null => parseUuid<UserId>(text)
export const parseSessionId = (text: string): SessionId | null => parseUuid<SessionId>(text)
export const parseEventId = (text: string): EventId | null => parseUuid<EventId>(text)
