import { serve } from 'srvx'
import type { FindMessage } from '../../adapters/pact/find-message.ts'
import { makeMessageEndpoint } from '../../adapters/pact/message-endpoint.ts'
import type { Outcome } from '../../adapters/pact/read-outcome.ts'
import type { ContractSource } from '../../adapters/pact/run-verifier.ts'
import { runVerifier } from '../../adapters/pact/run-verifier.ts'
import { USER_STATES } from '../../adapters/pact/user-states.ts'
import type { Compose } from '../composition.ts'
import type { Answer } from '../serve.ts'
import { openDoor } from '../serve.ts'
import type { ContractService } from './contract-service.ts'
import { makeContractService } from './contract-service.ts'

// No path of the public API begins like this.
const MESSAGES_PATH = '/_pact/messages'
const STATES_PATH = '/_pact/states'

/** Verifies contracts against the codec that publishes, and against a service in memory where they have requests. */
export const verifyContracts = async (
  source: ContractSource,
  findMessage: FindMessage,
  compose: Compose,
): Promise<Outcome> => {
  const service = makeContractService(compose)
  const listener = { host: '127.0.0.1', port: 0 }
  const door = await openDoor(serve, listener, 'a port', answerFor(findMessage, service))
  if (!door.ok) throw new Error(door.refusal.lines.join('; '))
  try {
    const paths = { messagesPath: MESSAGES_PATH, statesPath: STATES_PATH }
    return await runVerifier(source, { port: door.value.port, ...paths })
  } finally {
    await door.value.close()
    await service.stop()
  }
}

const answerFor = (findMessage: FindMessage, service: ContractService): Answer => {
  const messages = makeMessageEndpoint(findMessage)
  return async (request, peer) => {
    const { pathname } = new URL(request.url)
    if (pathname === MESSAGES_PATH) return messages(request)
    return pathname === STATES_PATH ? enter(service, request) : service.fetch(request, peer)
  }
}

/** The states of messages need nothing: the message is made when it is asked for. */
const enter = async (service: ContractService, request: Request): Promise<Response> => {
  const { state } = JSON.parse(await request.text())
  if (USER_STATES.has(state)) return Response.json({})
  const entered = await service.become(String(state))
  return entered.ok
    ? Response.json(entered.value)
    : Response.json({ error: entered.refusal }, { status: 404 })
}
