/// <reference types="node" />
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { PactV4 } from '@pact-foundation/pact'
import { decode } from '../codec/decode.ts'
import { encode } from '../codec/encode.ts'
import type { SchemaVersion, UserEventSubject } from '../contract/subjects.ts'
import { directSubject, SUBJECT_OF } from '../contract/subjects.ts'
import type { UserEvent, UserEventData } from '../contract/user-event.ts'
import type { WireMessage } from '../contract/wire-message.ts'
import { fieldMatcher, headerMatchers } from './matchers.ts'
import type { EventChanges } from './recorded-reads.ts'
import { recordReads } from './recorded-reads.ts'
import type { ProviderState } from './samples.ts'
import { SAMPLES } from './samples.ts'

export type ContractOptions<Version extends SchemaVersion> = {
  /** The name of the consumer, the same as that of its durable consumer. */
  readonly consumer: string
  /** The folder in which the Pact `<consumer>-auth-service.json` is written. */
  readonly folder: string
  readonly version: Version
  /** The subject that it reads, by default `user.events` for 1 and `user.events.v2` for 2. */
  readonly subject?: UserEventSubject
}

export type Expectation<Version extends SchemaVersion> = {
  /** A description in the consumer's own words. */
  readonly description: string
  /** What has happened to the user. */
  readonly state: ProviderState
  /**
   * The fields that the consumer may read. When it reads another, the expectation fails. When left out, the contract has the
   * fields that it did read.
   */
  readonly reads?: readonly (keyof UserEventData[Version] & string)[]
  /**
   * Whether this is a message for the consumer alone, on `direct.user.events.<consumer>`: a replay or a snapshot. Such a
   * message has the newest version of the contract.
   */
  readonly isDirect?: boolean
  /** Values that it relies on exactly, such as `isActive: false`. */
  readonly exactly?: Partial<UserEventData[Version]>
}

export type UserEventContract<Version extends SchemaVersion> = {
  /**
   * Gives the consumer such a message, once, and records which fields it reads. When it handles the message without an error,
   * the expectation is written into the Pact. Fields that the consumer does not read are in the message, and not in the Pact.
   * The message is for consumers that decode it themselves: it is read as a whole, so such a consumer has to declare `reads`.
   * `alter` makes an event with other values, for example for a state before this event.
   * @throws an Error with the names of the fields that the consumer has read without declaring them.
   */
  expects(
    expectation: Expectation<Version>,
    take: (
      event: UserEvent<Version>,
      message: WireMessage,
      alter: (changes: EventChanges<Version>) => UserEvent<Version>,
    ) => unknown,
  ): Promise<void>
}

/** Opens a contract with `auth-service` about user events. The consumer's own tests write it. */
export const openUserEventContract = <Version extends SchemaVersion>(
  options: ContractOptions<Version>,
): UserEventContract<Version> => {
  const { consumer, folder, version, subject = SUBJECT_OF[version] } = options
  // An old Pact is removed, because expectations that the consumer no longer has would stay in it.
  rmSync(join(folder, `${consumer}-auth-service.json`), { force: true })
  const pact = new PactV4({ consumer, provider: 'auth-service', dir: folder, logLevel: 'error' })
  return {
    expects: async ({ description, state, isDirect = false, reads, exactly = {} }, take) => {
      const written = isDirect ? NEWEST : version
      const whole = isDirect
        ? sampleMessage(state, SUBJECT_OF[NEWEST], written, REPLAY_ID)
        : sampleMessage(state, subject, written, null)
      const address = isDirect ? directSubject(consumer) : subject
      const body: Readonly<Record<string, unknown>> = { ...readJson(whole.body), ...exactly }
      const given = { headers: whole.headers, body: bytesOf(body) }
      const decoded = decode(given, version)
      if (!decoded.ok) throw new Error(`${description}: ${decoded.problem}`)

      const recorded = recordReads(decoded.event)
      let isReadWhole = false
      const message = {
        headers: given.headers,
        get body() {
          isReadWhole = true
          return given.body
        },
      }
      await take(recorded.event, message, recorded.alter)
      const read = isReadWhole && reads === undefined ? Object.keys(body) : [...recorded.fields()]
      const declared = new Set<string>([...(reads ?? read), ...Object.keys(exactly)])
      const undeclared = read.filter((field) => !declared.has(field))
      if (undeclared.length > 0)
        throw new Error(
          `${description}: the consumer reads ${undeclared.join(', ')}, which \`reads\` does not declare`,
        )

      // An empty object would stand for a body without any field.
      const fields = declared.size > 0 ? [...declared] : ['id']
      const matchers = Object.fromEntries([
        ...fields.map((field) => [field, fieldMatcher(written, field, body[field])] as const),
        ...Object.entries(exactly),
      ])
      const { action } = SAMPLES[state]
      await pact
        .addAsynchronousInteraction()
        .given(state, { subject: address })
        .expectsToReceive(description, (interaction) => {
          interaction
            .withJSONContent(matchers as never)
            .withMetadata({ ...headerMatchers(whole.headers, action), subject: address })
        })
        .executeTest(async ({ contents, metadata }) => {
          // What the Pact stands for is a message of the contract, too.
          const complete = { ...body, ...Object(contents.content) }
          const headers = { ...whole.headers, ...textsOf(metadata) }
          const again = decode({ headers, body: bytesOf(complete) }, version)
          if (!again.ok) throw new Error(`${description}: ${again.problem}`)
        })
    },
  }
}

const NEWEST = 2
const REPLAY_ID = '0198f3a2-6666-7000-8000-000000000001'

const sampleMessage = (
  state: ProviderState,
  subject: UserEventSubject,
  version: SchemaVersion,
  replayId: string | null,
): WireMessage =>
  encode(
    SAMPLES[state],
    {
      source: 'https://auth.example.com',
      typePrefix: 'com.example.auth',
      channel: `nats:${subject}`,
      replayId,
    },
    version,
  )

const bytesOf = (body: object): Uint8Array => new TextEncoder().encode(JSON.stringify(body))

const readJson = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes))

const textsOf = (metadata: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(Object(metadata))
      .filter(([name]) => name.startsWith('ce-'))
      .map(([name, value]) => [name, String(value)]),
  )
