import { serve } from 'srvx'
import { makeUserEventCodec, reverseDns } from '../../../adapters/codec/user-event-codec.ts'
import { makeCheckContractFiles } from '../../../adapters/pact/check-contract-files.ts'
import type { InMemoryService } from '../../../adapters/pact/contract-service.ts'
import type { FindMessage } from '../../../adapters/pact/find-message.ts'
import { makeFindMessage } from '../../../adapters/pact/find-message.ts'
import { makeMessageEndpoint } from '../../../adapters/pact/message-endpoint.ts'
import { USER_STATES } from '../../../adapters/pact/user-states.ts'
import { makeVerifyContracts } from '../../../adapters/pact/verify-contracts.ts'
import type { CheckContractFiles, VerifyContracts } from '../../../ports/driven/events/contracts.ts'
import { readConfig } from '../../config/config.ts'
import type { Compose } from '../../lifecycle/composition.ts'
import { openListener } from '../../lifecycle/listener.ts'
import { openInstallation } from '../../lifecycle/open-installation.ts'

/** The same for everybody, so that a contract does not depend on where it is verified. */
const SOURCE = 'https://auth.example.com'

/** Messages as the service publishes them, as if it were at auth.example.com. */
export const findPublishedMessage: FindMessage = makeFindMessage(
  makeUserEventCodec({ source: SOURCE, typePrefix: reverseDns(SOURCE) }),
)

/** Verifies contracts of consumers with Pact's verifier. Contracts over HTTP are verified against a service in memory. */
export type Contracts = {
  readonly checkContractFiles: CheckContractFiles
  readonly verifyContracts: VerifyContracts
  /** Answers Pact verifiers that ask for messages. */
  readonly answerVerifier: (request: Request) => Promise<Response>
  /** The provider states of messages. */
  readonly states: readonly string[]
}

export const composeContracts = (
  compose: Compose,
  findMessage: FindMessage = findPublishedMessage,
): Contracts => ({
  checkContractFiles: makeCheckContractFiles(findMessage),
  verifyContracts: makeVerifyContracts({
    findMessage,
    openService: () => openInMemory(compose),
    listen: async (answer) => {
      const address = { host: '127.0.0.1', port: 0 }
      const opened = await openListener(serve, address, 'a port', answer)
      if (!opened.ok) throw new Error(opened.refusal.lines.join('; '))
      return opened.value
    },
  }),
  answerVerifier: makeMessageEndpoint(findMessage),
  states: [...USER_STATES.keys()],
})

const SETTINGS = {
  NODE_ENV: 'test',
  DATA_DIR: 'memory:',
  PUBLIC_URL: 'http://localhost:3000',
  RATE_LIMITS: 'off',
  LOG_LEVEL: 'error',
}

/** The whole service in memory, whatever this installation is set to. */
const openInMemory = async (compose: Compose): Promise<InMemoryService> => {
  const reading = readConfig(SETTINGS, () => '')
  if ('problems' in reading) throw new Error(reading.problems.join('; '))
  const opened = await openInstallation(reading.config)
  const composed = opened.ok ? await compose(opened.value.installation) : opened
  if (!composed.ok) throw new Error(composed.refusal.lines.join('; '))
  const { migrate, becomeReady, publicApi, stop } = composed.value
  await migrate()
  becomeReady()
  return { fetch: (request, peer) => publicApi.fetch(request, peer), stop }
}
