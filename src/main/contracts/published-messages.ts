import { makeUserEventCodec, reverseDns } from '../../adapters/codec/user-event-codec.ts'
import { makeFindMessage } from '../../adapters/pact/find-message.ts'

/** The same for everybody, so that a contract does not depend on where it is verified. */
const SOURCE = 'https://auth.example.com'

/** Messages as the service publishes them, as if it were at auth.example.com. */
export const findPublishedMessage = makeFindMessage(
  makeUserEventCodec({ source: SOURCE, typePrefix: reverseDns(SOURCE) }),
)
