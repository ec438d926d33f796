import type { UserEventSubject } from '../../domain/events/user-event.ts'
import { USER_EVENT_SUBJECTS } from '../../domain/events/user-event.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { EventMessage, UserEventCodec } from '../../ports/driven/events/event-publisher.ts'
import type { ProviderState } from './read-contract.ts'
import { USER_STATES } from './user-states.ts'

/** A message as it would be published, and its subject. */
export type PublishedMessage = EventMessage & { readonly subject: UserEventSubject }

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
    const subject = subjectOf(state)
    if (subject === undefined)
      return fail(`The parameter subject is one of ${USER_EVENT_SUBJECTS.join(', ')}.`)
    return ok({ subject, ...codec.encode(event, subject, null) })
  }

const KNOWN = `There are: ${[...USER_STATES.keys()].join(', ')}.`

/** The subject that a state asks for; undefined when the service has no such subject. */
export const subjectOf = ({ parameters }: ProviderState): UserEventSubject | undefined => {
  const asked = parameters['subject'] ?? 'user.events'
  return USER_EVENT_SUBJECTS.find((subject) => subject === asked)
}
