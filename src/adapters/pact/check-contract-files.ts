import { readFileSync } from 'node:fs'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { CheckContractFiles } from '../../ports/driven/events/contracts.ts'
import { findClashes } from './find-clashes.ts'
import type { FindMessage } from './find-message.ts'
import type { Contract } from './read-contract.ts'
import { readContract } from './read-contract.ts'

export const makeCheckContractFiles =
  (findMessage: FindMessage): CheckContractFiles =>
  (paths) => {
    const readings = paths.map((path) => ({ path, read: readFile(path) }))
    const unreadable = readings.flatMap(({ path, read }) =>
      read.ok ? [] : [`${path}: ${read.refusal}`],
    )
    if (unreadable.length > 0) return fail({ kind: 'unreadable', sentences: unreadable })
    const contracts = readings.flatMap(({ read }) => (read.ok ? [read.value] : []))
    const impossible = [
      ...contracts.flatMap((contract) => unknownMessages(contract, findMessage)),
      ...findClashes(contracts),
    ]
    return impossible.length > 0
      ? fail({ kind: 'impossible', sentences: impossible })
      : ok({ kind: 'files', paths })
  }

const readFile = (path: string): Result<Contract, string> => {
  try {
    return readContract(readFileSync(path, 'utf8'))
  } catch {
    return fail('It cannot be read.')
  }
}

const unknownMessages = ({ consumer, messages }: Contract, findMessage: FindMessage): string[] =>
  messages.flatMap(({ description, states }) => {
    const found = findMessage(states)
    return found.ok ? [] : [`${consumer}: “${description}”: ${found.refusal}`]
  })
