import type { Outcome, Verified } from '../../adapters/pact/read-outcome.ts'
import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import { EXIT } from '../exit-codes.ts'

/** What became of contracts, for a person: each interaction, and under it each field that is not as promised. */
export const tellVerdict = ({ verified, errors }: Outcome): CommandOutcome => {
  const consumers = [...new Set(verified.map(({ consumer }) => consumer))]
  const broken = verified.filter(({ mismatches }) => mismatches.length > 0)
  const isKept = broken.length === 0 && errors.length === 0 && verified.length > 0
  const lines = [
    ...consumers.flatMap((consumer) => [
      `${consumer}:`,
      ...verified.filter((one) => one.consumer === consumer).flatMap(told),
    ]),
    ...errors,
    isKept
      ? `All ${verified.length} interactions are kept.`
      : `Not kept: ${broken.length} of ${verified.length} interactions.`,
  ]
  return { exitCode: isKept ? EXIT.ok : EXIT.failed, lines }
}

const told = ({ description, states, mismatches }: Verified): string[] => [
  `  ${mismatches.length === 0 ? ' ok ' : 'FAIL'}  ${description} (${states.join(', ')})`,
  ...mismatches.map((sentence) => `          ${sentence.replaceAll(/\s*\n\s*/g, ' ')}`),
]
