import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { subjectOf } from '../src/adapters/pact/find-message.ts'
import type { Verified } from '../src/adapters/pact/outcome.ts'
import type { AskedMessage, Contract } from '../src/adapters/pact/read-contract.ts'
import { readContract } from '../src/adapters/pact/read-contract.ts'
import { compose } from '../src/main/compose.ts'
import { findPublishedMessage } from '../src/main/contracts/published-messages.ts'
import { verifyContracts } from '../src/main/contracts/verify-contracts.ts'
import { ROOT, readFrom } from './repository.ts'

const FOLDER = 'contracts/pacts'
const VERSIONS = [1, 2] as const

/** Every consumer of events against every version of them, verified now, for contracts/README.md. */
export const contractMatrix = async (): Promise<string> => {
  const given = (await contracts()).filter(({ contract }) => contract.messages.length > 0)
  const paths = given.map(({ path }) => join(ROOT, path))
  const { verified } = await verifyContracts(
    { kind: 'files', paths },
    findPublishedMessage,
    compose,
  )
  return [
    `| consumer | ${VERSIONS.map((version) => `version ${version}`).join(' | ')} |`,
    `|---|${VERSIONS.map(() => '---|').join('')}`,
    ...given.map(({ contract }) => row(contract, verified)),
  ].join('\n')
}

const contracts = async () => {
  const names = (await readdir(join(ROOT, FOLDER))).sort()
  return Promise.all(
    names.map(async (name) => {
      const path = `${FOLDER}/${name}`
      const read = readContract(await readFrom(path))
      if (!read.ok) throw new Error(`${path}: ${read.refusal}`)
      return { path, contract: read.value }
    }),
  )
}

const row = ({ consumer, messages }: Contract, verified: readonly Verified[]): string => {
  const outcomes = verified.filter((one) => one.consumer === consumer)
  const cells = VERSIONS.map((version) =>
    verdict(
      messages.filter((message) => versionOf(message) === version),
      outcomes,
    ),
  )
  return `| ${consumer} | ${cells.join(' | ')} |`
}

const versionOf = ({ states: [state] }: AskedMessage): number =>
  state !== undefined && subjectOf(state) === 'user.events.v2' ? 2 : 1

const verdict = (asked: readonly AskedMessage[], outcomes: readonly Verified[]): string => {
  if (asked.length === 0) return 'not read'
  const broken = outcomes.filter(
    ({ description, mismatches }) =>
      mismatches.length > 0 && asked.some((message) => message.description === description),
  )
  return broken.length === 0
    ? `keeps all ${asked.length}`
    : `**breaks ${broken.map(({ description }) => `“${description}”`).join(', ')}**`
}
