import type { Result } from '../../../domain/shared/result.ts'

/** Where Pact contracts are read from. */
export type ContractSource =
  | { readonly kind: 'files'; readonly paths: readonly string[] }
  | {
      readonly kind: 'broker'
      readonly url: string
      readonly token: string | null
      /** The results are published as those of this version of the provider; null publishes nothing. */
      readonly publishedVersion: string | null
      /**
       * The branch of the provider. With it a contract that this branch has never kept is pending: it is verified and fails
       * nothing. Also contracts of the same branch of a consumer are verified then. Null: no contract is pending.
       */
      readonly branch: string | null
      /** Also verifies contracts of other branches that were changed since this day (`2026-11-01`): work in progress. */
      readonly workInProgressSince: string | null
    }

/** The result of one interaction. */
export type VerifiedInteraction = {
  readonly consumer: string
  readonly description: string
  readonly states: readonly string[]
  /** One sentence for each difference from the contract, naming the field; none when the contract is kept. */
  readonly mismatches: readonly string[]
  /** Mismatches fail nothing yet: this branch of the provider has never kept the contract. */
  readonly isPending: boolean
}

export type ContractOutcome = {
  readonly verified: readonly VerifiedInteraction[]
  /** What kept the verifier from asking at all, like a file that cannot be read. */
  readonly errors: readonly string[]
}

/**
 * Verifies contracts against what this version publishes and answers.
 * @throws Error when the verifier could not be run.
 */
export type VerifyContracts = (source: ContractSource) => Promise<ContractOutcome>

/** One sentence for each problem. `impossible`: no provider can keep what the contracts ask for. */
export type ContractFilesRefusal = {
  readonly kind: 'unreadable' | 'impossible'
  readonly sentences: readonly string[]
}

/** Reads Pact files, and refuses what a verifier would report as a failed request only. */
export type CheckContractFiles = (
  paths: readonly string[],
) => Result<ContractSource, ContractFilesRefusal>
