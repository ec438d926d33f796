import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Expectation } from '../../../../packages/user-events/src/pact.ts'
import { openUserEventContract } from '../../../../packages/user-events/src/pact.ts'
import { temporaryFolder } from '../../processes/test-run/temporary-folder.ts'

/** The path of a Pact that the test kit writes for a new consumer. */
export const givenContract = async (
  consumer: string,
  version: 1 | 2,
  expectations: readonly Expectation<1>[],
): Promise<string> => {
  const folder = temporaryFolder()
  const contract = openUserEventContract({ consumer, folder, version })
  for (const expectation of expectations)
    await contract.expects(expectation, ({ data }) => {
      // Without declared fields the contract has those that are read: here all of them.
      if (expectation.reads === undefined) void { ...data }
    })
  return join(folder, `${consumer}-auth-service.json`)
}

type Message = {
  readonly description?: string
  readonly states?: readonly unknown[]
  readonly content?: unknown
  readonly metadata?: unknown
  readonly matchingRules?: unknown
}

/** A Pact as another language may write it. */
export const writtenPact = (consumer: string, messages: readonly Message[]): string =>
  JSON.stringify({
    consumer: { name: consumer },
    provider: { name: 'auth-service' },
    interactions: messages.map(
      ({
        description = 'somebody new',
        states = [{ name: 'user registered' }],
        content = {},
        metadata = {},
        matchingRules = {},
      }) => ({
        type: 'Asynchronous/Messages',
        description,
        providerStates: states,
        contents: { content, contentType: 'application/json', encoded: false },
        metadata,
        matchingRules,
      }),
    ),
    metadata: { pactSpecification: { version: '4.0' } },
  })

/** The path of a file with this text. */
export const fileOf = (text: string, name = 'pact.json'): string => {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, text)
  return path
}
