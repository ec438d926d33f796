import { directSubjectOf, parseConsumerName } from '../../domain/events/consumer-name.ts'
import type { UserEventSubject } from '../../domain/events/user-event.ts'
import { NEWEST_SUBJECT, USER_EVENT_SUBJECTS } from '../../domain/events/user-event.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { EventMessage, UserEventCodec } from '../../ports/driven/events/event-publisher.ts'
import type { ProviderState } from './read-contract.ts'
import { USER_STATES } from './user-states.ts'

/** A message as it would be published, and the subject on which it would be. */
export type PublishedMessage = EventMessage & { readonly subject: string }

/** The provider state alone selects the message. The refusal is one sentence. */
export type FindMessage = (states: readonly ProviderState[]) => Result<PublishedMessage, string>

/** Finds the message of a provider state, encoded by the codec that the service publishes with. */
export const makeFindMessage =
  (codec: UserEventCodec): FindMessage =>
  (states) => {
    const [state, ...others] = states
    if (state === undefined || others.length > 0)
      return fail('Name exactly one provider state, since that chooses the message.')
    const event = USER_STATES.get(state.name)
    if (event === undefined) return fail(`There is no provider state “${state.name}”. ${KNOWN}`)
    const asked = readSubject(state)
    if (asked === null)
      return fail(
        `The parameter subject is one of ${USER_EVENT_SUBJECTS.join(', ')}, or direct.user.events.<consumer>.`,
      )
    return ok({
      subject: asked.subject,
      ...codec.encode(event, asked.encodedAs, asked.isDirect ? REPLAY_ID : null),
    })
  }

const KNOWN = `There are: ${[...USER_STATES.keys()].join(', ')}.`

/** Messages for one consumer are sent by a replay or a snapshot, each of which has an id. */
const REPLAY_ID = '0198f3a2-0000-7000-b000-000000000001'

export type AskedSubject = {
  readonly subject: string
  /** The subject whose version of the contract the message has. */
  readonly encodedAs: UserEventSubject
  /** The message is for one consumer only. */
  readonly isDirect: boolean
}

/** The subject that a state asks for; null when the service publishes nothing there. */
export const readSubject = ({ parameters }: ProviderState): AskedSubject | null => {
  const subject = parameters['subject'] ?? 'user.events'
  const published = USER_EVENT_SUBJECTS.find((known) => known === subject)
  if (published !== undefined) return { subject: published, encodedAs: published, isDirect: false }
  const consumer = parseConsumerName(String(subject).split('.').at(-1) ?? '')
  return consumer !== null && directSubjectOf(consumer) === subject
    ? { subject: directSubjectOf(consumer), encodedAs: NEWEST_SUBJECT, isDirect: true }
    : null
}
