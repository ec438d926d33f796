import type { ConnectionOptions, NatsConnection } from 'nats'
import { connect, headers as makeHeaders } from 'nats'
import type {
  ConsumerResult,
  ConsumerTrouble,
  SchemaVersion,
  UserChange,
  WireMessage,
} from '../../../../packages/user-events/src/index.ts'
import { encode, SUBJECT_OF } from '../../../../packages/user-events/src/index.ts'
import {
  configurationOf,
  userEventStreams,
} from '../../../../src/adapters/nats/streams/user-event-streams.ts'

const PUBLISH_MS = 20_000
const SUBJECTS = ['user.events', 'user.events.v1', 'user.events.v2']

/** A client that creates the three streams and publishes as the service does. `publishMs` is how long a receipt may take. */
export const givenEventStreams = async (options: ConnectionOptions, publishMs = PUBLISH_MS) => {
  const connection = await connect({ ...options, maxReconnectAttempts: -1, reconnectTimeWait: 100 })
  const api = await connection.jetstreamManager()
  for (const stream of userEventStreams(SUBJECTS, 1)) await api.streams.add(configurationOf(stream))
  return {
    connection,
    api,
    publish: (subject: string, message: WireMessage) =>
      publishOn(connection, subject, message, publishMs),
    close: () => connection.close(),
  }
}

const publishOn = async (
  connection: NatsConnection,
  subject: string,
  { headers, body }: WireMessage,
  timeout: number,
): Promise<number> => {
  const named = makeHeaders()
  for (const [name, value] of Object.entries(headers)) named.set(name, value)
  const { seq } = await connection.jetstream().publish(subject, body, {
    headers: named,
    timeout,
  })
  return seq
}

export const userIdOf = (user: number): string =>
  `0198f3a2-0000-7000-8000-${String(user).padStart(12, '0')}`
export const eventIdOf = (user: number, version: number): string =>
  `0198f3a2-1111-7000-8000-${String(user).padStart(5, '0')}${String(version).padStart(7, '0')}`

/** A change of the user with this number: `created` at version 1, else `updated`. */
export const givenChange = (
  user: number,
  version: number,
  fields: Partial<UserChange> = {},
): UserChange => ({
  eventId: eventIdOf(user, version),
  userId: userIdOf(user),
  version,
  action: version === 1 ? 'created' : 'updated',
  occurredAt: new Date(Date.UTC(2026, 10, 24) + version),
  traceparent: null,
  email: `user-${user}@example.com`,
  username: `user-${user}`,
  displayName: `version ${version}`,
  avatar: null,
  role: 'user',
  isActive: true,
  emailVerified: false,
  changed: ['displayName'],
  ...fields,
})

/** The message of a change as the service would publish it. */
export const givenUserEvent = (
  change: UserChange,
  version: SchemaVersion = 1,
  replayId: string | null = null,
): WireMessage =>
  encode(
    change,
    {
      source: 'https://auth.example.com',
      typePrefix: 'com.example.auth',
      channel: `nats:${SUBJECT_OF[version]}`,
      replayId,
    },
    version,
  )

/** An observer that keeps every result and trouble in a list. */
export const givenObserver = () => {
  const results: ConsumerResult[] = []
  const troubles: ConsumerTrouble[] = []
  return {
    results,
    troubles,
    kinds: () => results.map(({ kind }) => kind),
    observer: {
      onResult: (result: ConsumerResult) => void results.push(result),
      onTrouble: (trouble: ConsumerTrouble) => void troubles.push(trouble),
    },
  }
}
