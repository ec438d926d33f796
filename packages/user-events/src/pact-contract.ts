/// <reference types="node" />
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { PactV4 } from '@pact-foundation/pact'
import { decode } from './decode.ts'
import { encode } from './encode.ts'
import { fieldMatcher, headerMatchers } from './pact-matchers.ts'
import type { ProviderState } from './pact-samples.ts'
import { SAMPLES } from './pact-samples.ts'
import type { SchemaVersion, UserEventSubject } from './subjects.ts'
import { SUBJECT_OF } from './subjects.ts'
import type { UserEvent, UserEventData } from './user-event.ts'
import type { WireMessage } from './wire-message.ts'

export type ContractOptions<Version extends SchemaVersion> = {
  /** The consumer's name, the same as of its durable. */
  readonly consumer: string
  /** Where the Pact is written: `<consumer>-auth-service.json`. */
  readonly folder: string
  readonly version: Version
  /** What it is subscribed to, by default `user.events` for 1 and `user.events.v2` for 2. */
  readonly subject?: UserEventSubject
}

export type Expectation<Version extends SchemaVersion> = {
  /** In the consumer's own words. */
  readonly description: string
  /** What has happened to the user. */
  readonly state: ProviderState
  /** The fields that the consumer reads; without them all, which is more than most need. */
  readonly reads?: readonly (keyof UserEventData[Version] & string)[]
  /** Values that it relies on as they are, `isActive: false` say. */
  readonly exactly?: Partial<UserEventData[Version]>
}

export type UserEventContract<Version extends SchemaVersion> = {
  /**
   * Hands the consumer such a message and, when it takes it without an error, writes the expectation into the Pact.
   * Fields that it does not read are in the message too, and not in the Pact.
   */
  expects(
    expectation: Expectation<Version>,
    take: (event: UserEvent<Version>, message: WireMessage) => unknown,
  ): Promise<void>
}

/** A contract with `auth-service` on user events, written by the consumer's own tests. */
export const openUserEventContract = <Version extends SchemaVersion>(
  options: ContractOptions<Version>,
): UserEventContract<Version> => {
  const { consumer, folder, version, subject = SUBJECT_OF[version] } = options
  // A Pact is made anew: what a consumer no longer expects would stay in it.
  rmSync(join(folder, `${consumer}-auth-service.json`), { force: true })
  const pact = new PactV4({ consumer, provider: 'auth-service', dir: folder, logLevel: 'error' })
  return {
    expects: async ({ description, state, reads, exactly = {} }, take) => {
      const whole = sampleMessage(state, subject, version)
      const body: Readonly<Record<string, unknown>> = readJson(whole.body)
      const fields = [...(reads ?? Object.keys(body)), ...Object.keys(exactly)]
      const matchers = Object.fromEntries([
        ...fields.map((field) => [field, fieldMatcher(version, field, body[field])] as const),
        ...Object.entries(exactly),
      ])
      const { action } = SAMPLES[state]
      await pact
        .addAsynchronousInteraction()
        .given(state, { subject })
        .expectsToReceive(description, (interaction) => {
          interaction
            .withJSONContent(matchers as never)
            .withMetadata({ ...headerMatchers(whole.headers, action), subject })
        })
        .executeTest(async ({ contents, metadata }) => {
          const told = { ...body, ...Object(contents.content) }
          const message = {
            headers: { ...whole.headers, ...textsOf(metadata) },
            body: new TextEncoder().encode(JSON.stringify(told)),
          }
          const decoded = decode(message, version)
          if (!decoded.ok) throw new Error(`${description}: ${decoded.problem}`)
          await take(decoded.event, message)
        })
    },
  }
}

const sampleMessage = (
  state: ProviderState,
  subject: UserEventSubject,
  version: SchemaVersion,
): WireMessage =>
  encode(
    SAMPLES[state],
    {
      source: 'https://auth.example.com',
      typePrefix: 'com.example.auth',
      channel: `nats:${subject}`,
      replayId: null,
    },
    version,
  )

const readJson = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes))

const textsOf = (metadata: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(Object(metadata))
      .filter(([name]) => name.startsWith('ce-'))
      .map(([name, value]) => [name, String(value)]),
  )
