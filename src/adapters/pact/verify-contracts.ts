import type { VerifyContracts } from '../../ports/driven/events/contracts.ts'
import type { Api } from './account-states.ts'
import type { ContractService, InMemoryService } from './contract-service.ts'
import { makeContractService } from './contract-service.ts'
import type { FindMessage } from './find-message.ts'
import { makeMessageEndpoint } from './message-endpoint.ts'
import { PROVIDER } from './read-contract.ts'
import { runVerifier } from './run-verifier.ts'
import { USER_STATES } from './user-states.ts'

type Needs = {
  readonly findMessage: FindMessage
  readonly openService: () => Promise<InMemoryService>
  /** Answers on a free port of the loopback interface. */
  readonly listen: (
    answer: Api['fetch'],
  ) => Promise<{ readonly port: number; close(): Promise<void> }>
}

// No path of the public API begins like this.
const MESSAGES_PATH = '/_pact/messages'
const STATES_PATH = '/_pact/states'

/** Verifies contracts against the codec that publishes, and against a service in memory where they have requests. */
export const makeVerifyContracts =
  ({ findMessage, openService, listen }: Needs): VerifyContracts =>
  async (source) => {
    const service = makeContractService(openService)
    const listener = await listen(answerWith(findMessage, service))
    try {
      return await runVerifier(source, {
        name: PROVIDER,
        port: listener.port,
        messagesPath: MESSAGES_PATH,
        statesPath: STATES_PATH,
      })
    } finally {
      await listener.close()
      await service.stop()
    }
  }

const answerWith = (findMessage: FindMessage, service: ContractService): Api['fetch'] => {
  const messages = makeMessageEndpoint(findMessage)
  return async (request, peer) => {
    const { pathname } = new URL(request.url)
    if (pathname === MESSAGES_PATH) return messages(request)
    return pathname === STATES_PATH ? enterState(service, request) : service.fetch(request, peer)
  }
}

/** The states of messages need nothing: the message is made when it is asked for. */
const enterState = async (service: ContractService, request: Request): Promise<Response> => {
  const { state } = JSON.parse(await request.text())
  if (USER_STATES.has(state)) return Response.json({})
  const entered = await service.become(String(state))
  return entered.ok
    ? Response.json(entered.value)
    : Response.json({ error: entered.refusal }, { status: 404 })
}
