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
  const text = await answerOf(optionsOf(source, provider))
  const outcome = readOutcome(text)
  if (outcome === null) throw new Error(`the verifier did not run: ${text.trim()}`)
  return outcome
}

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
  const { url, token, publishedVersion } = source
  return {
    pactBrokerUrl: url,
    // The contracts of the consumers' main branches, and of the versions that they run.
    consumerVersionSelectors: [{ mainBranch: true }, { deployedOrReleased: true }],
    ...(token === null ? {} : { pactBrokerToken: token }),
    ...(publishedVersion === null
      ? {}
      : { providerVersion: publishedVersion, publishVerificationResult: true }),
  }
}

/** The answer of the verifier, or its standard error when it ended without an answer. */
const answerOf = (options: VerifierOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(PROCESS), [], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      timeout: LIMIT_MILLISECONDS,
    })
    let errorOutput = ''
    child.stderr?.on('data', (chunk) => {
      errorOutput = `${errorOutput}${chunk}`.slice(-LONGEST_ERROR_OUTPUT)
    })
    child.once('error', reject)
    child.once('message', (answer) => resolve(String(answer)))
    child.once('close', (code) =>
      resolve(errorOutput === '' ? `it ended with ${code}` : errorOutput),
    )
    child.send(options)
  })

const LONGEST_ERROR_OUTPUT = 4000
