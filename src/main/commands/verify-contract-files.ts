import { readFileSync } from 'node:fs'
import process from 'node:process'
import { findClashes } from '../../adapters/pact/find-clashes.ts'
import type { Contract } from '../../adapters/pact/read-contract.ts'
import { readContract } from '../../adapters/pact/read-contract.ts'
import type { ContractSource } from '../../adapters/pact/run-verifier.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import type { Compose } from '../composition.ts'
import { readSetting } from '../config/read-settings.ts'
import { readTextFile, refuseProblems } from '../configuration.ts'
import { CONTRACT_SETTINGS } from '../contracts/contract-settings.ts'
import { findPublishedMessage } from '../contracts/published-messages.ts'
import { tellVerdict } from '../contracts/verdict.ts'
import { verifyContracts } from '../contracts/verify-contracts.ts'
import type { Refusal } from '../exit-codes.ts'
import { EXIT } from '../exit-codes.ts'

export type ContractWords = {
  /** Pact files; without any, the broker's. */
  readonly paths: readonly string[]
  /** Publishes the results to the broker as those of this version. */
  readonly publish: string | null
}

/** Verifies contracts that nobody here has seen before. Needs no running service, and touches none. */
export const verifyContractFiles = async (
  words: ContractWords,
  compose: Compose,
): Promise<CommandOutcome> => {
  const source = words.paths.length > 0 ? readFiles(words) : readBroker(words)
  if (!source.ok) return source.refusal
  return tellVerdict(await verifyContracts(source.value, findPublishedMessage, compose))
}

const readFiles = ({ paths, publish }: ContractWords): Result<ContractSource, Refusal> => {
  if (publish !== null) return fail(usage('--publish is for contracts of a broker, not for files.'))
  const readings = paths.map((path) => ({ path, read: readFile(path) }))
  const unreadable = readings.flatMap(({ path, read }) =>
    read.ok ? [] : [`${path}: ${read.refusal}`],
  )
  if (unreadable.length > 0) return fail({ exitCode: EXIT.unreadableData, lines: unreadable })
  const contracts = readings.flatMap(({ read }) => (read.ok ? [read.value] : []))
  const refusals = [...contracts.flatMap(unanswerable), ...findClashes(contracts)]
  return refusals.length > 0
    ? fail({ exitCode: EXIT.failed, lines: refusals })
    : ok({ kind: 'files', paths })
}

const readFile = (path: string): Result<Contract, string> => {
  try {
    return readContract(readFileSync(path, 'utf8'))
  } catch {
    return fail('It cannot be read.')
  }
}

/** What the verifier would only call a failed request. */
const unanswerable = ({ consumer, messages }: Contract): string[] =>
  messages.flatMap(({ description, states }) => {
    const found = findPublishedMessage(states)
    return found.ok ? [] : [`${consumer}: “${description}”: ${found.refusal}`]
  })

const readBroker = ({ publish }: ContractWords): Result<ContractSource, Refusal> => {
  const problems: string[] = []
  const problem = (name: string, complaint: string) => {
    problems.push(`${name} ${complaint}`)
  }
  const { brokerUrl, brokerToken } = CONTRACT_SETTINGS
  const url = readSetting(brokerUrl, process.env, readTextFile, problem)
  const token = readSetting(brokerToken, process.env, readTextFile, problem)
  if (problems.length > 0) return fail(refuseProblems(problems))
  return url === null
    ? fail(usage('Name the files to verify, or a broker by PACT_BROKER_BASE_URL.'))
    : ok({ kind: 'broker', url, token, publishedVersion: publish })
}

const usage = (line: string): Refusal => ({ exitCode: EXIT.usage, lines: [line] })
