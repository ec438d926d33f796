import { fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { VerifierOptions } from '@pact-foundation/pact-core'
import type { ContractOutcome, ContractSource } from '../../ports/driven/events/contracts.ts'
import { readOutcome } from './read-outcome.ts'

/** Where this process answers, on its loopback. */
export type Provider = {
  /** Its name in contracts. */
  readonly name: string
  readonly port: number
  readonly messagesPath: string
  readonly statesPath: string
}

const LIMIT_MILLISECONDS = 120_000
/** The program next to this file: TypeScript in the repository, JavaScript in a build. */
const PROCESS = new URL(`./verifier-process${extname(import.meta.url)}`, import.meta.url)

/**
 * Verifies contracts with Pact's own verifier.
 * @throws Error when it could not be run, with its output.
 */
export const runVerifier = async (
  source: ContractSource,
  provider: Provider,
): Promise<ContractOutcome> => {
  const { answer, unpublished } = await answerOf(optionsOf(source, provider))
  const outcome = readOutcome(answer)
  if (outcome === null) throw new Error(`the verifier did not run: ${answer.trim()}`)
  return unpublished === null ? outcome : { ...outcome, errors: [...outcome.errors, unpublished] }
}

const PUBLISHING_FAILED = /Publishing of verification results failed.*/

const optionsOf = (
  source: ContractSource,
  { name, port, messagesPath, statesPath }: Provider,
): VerifierOptions => ({
  provider: name,
  providerBaseUrl: `http://127.0.0.1:${port}`,
  transports: [{ protocol: 'message', scheme: 'http', port, path: messagesPath }],
  providerStatesSetupUrl: `http://127.0.0.1:${port}${statesPath}`,
  ...sourceOptions(source),
  logLevel: 'error',
})

const sourceOptions = (source: ContractSource): Partial<VerifierOptions> => {
  if (source.kind === 'files') return { pactUrls: [...source.paths] }
  const { url, token, publishedVersion, branch, workInProgressSince } = source
  return {
    pactBrokerUrl: url,
    // The contracts of the consumers' main branches, and of the versions that they run.
    consumerVersionSelectors: [
      { mainBranch: true },
      { deployedOrReleased: true },
      ...(branch === null ? [] : [{ matchingBranch: true }]),
    ],
    ...(branch === null ? {} : { enablePending: true, providerVersionBranch: branch }),
    ...(workInProgressSince === null ? {} : { includeWipPactsSince: workInProgressSince }),
    ...(token === null ? {} : { pactBrokerToken: token }),
    ...(publishedVersion === null
      ? {}
      : { providerVersion: publishedVersion, publishVerificationResult: true }),
  }
}

type Answer = {
  readonly answer: string
  /** What kept the results from being published; the answer does not have it. */
  readonly unpublished: string | null
}

/** The answer of the verifier, or its standard error when it ended without an answer. */
const answerOf = (options: VerifierOptions): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(PROCESS), [], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      timeout: LIMIT_MILLISECONDS,
    })
    let answer: string | null = null
    let errorOutput = ''
    let unpublished: string | null = null
    child.stderr?.on('data', (chunk) => {
      errorOutput = `${errorOutput}${chunk}`.slice(-LONGEST_ERROR_OUTPUT)
    })
    // The verifier writes its report there, and its log.
    child.stdout?.on('data', (chunk) => {
      unpublished ??= PUBLISHING_FAILED.exec(String(chunk))?.[0] ?? null
    })
    child.once('error', reject)
    child.once('message', (message) => {
      answer = String(message)
    })
    child.once('close', (code) => {
      const withoutAnswer = errorOutput === '' ? `it ended with ${code}` : errorOutput
      resolve({ answer: answer ?? withoutAnswer, unpublished })
    })
    child.send(options)
  })

const LONGEST_ERROR_OUTPUT = 4000
