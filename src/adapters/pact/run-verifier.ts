import { fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { VerifierOptions } from '@pact-foundation/pact-core'
import type { Outcome } from './outcome.ts'
import { readOutcome } from './outcome.ts'
import { PROVIDER } from './read-contract.ts'

/** Where contracts come from. */
export type ContractSource =
  | { readonly kind: 'files'; readonly paths: readonly string[] }
  | {
      readonly kind: 'broker'
      readonly url: string
      readonly token: string | null
      /** The results are published as those of this version of the provider; null keeps them here. */
      readonly publishedVersion: string | null
    }

/** Where this process answers, on its loopback. */
export type Provider = {
  readonly port: number
  readonly messagesPath: string
  readonly statesPath: string
}

const LIMIT_MILLISECONDS = 120_000
/** Beside this file: in TypeScript, or as it was built. */
const PROCESS = new URL(`./verifier-process${extname(import.meta.url)}`, import.meta.url)

/**
 * Verifies contracts by Pact's own verifier.
 * @throws Error when it could not be run, with what it said.
 */
export const runVerifier = async (source: ContractSource, provider: Provider): Promise<Outcome> => {
  const text = await answerOf(optionsOf(source, provider))
  const outcome = readOutcome(text)
  if (outcome === null) throw new Error(`the verifier did not run: ${text.trim()}`)
  return outcome
}

const optionsOf = (
  source: ContractSource,
  { port, messagesPath, statesPath }: Provider,
): VerifierOptions => ({
  provider: PROVIDER,
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
    // What consumers have in their main branches, and what they run.
    consumerVersionSelectors: [{ mainBranch: true }, { deployedOrReleased: true }],
    ...(token === null ? {} : { pactBrokerToken: token }),
    ...(publishedVersion === null
      ? {}
      : { providerVersion: publishedVersion, publishVerificationResult: true }),
  }
}

/** What it answers, or what it said on standard error when it ended without an answer. */
const answerOf = (options: VerifierOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(PROCESS), [], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      timeout: LIMIT_MILLISECONDS,
    })
    let said = ''
    child.stderr?.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-SAID)
    })
    child.once('error', reject)
    child.once('message', (answer) => resolve(String(answer)))
    child.once('close', (code) => resolve(said === '' ? `it ended with ${code}` : said))
    child.send(options)
  })

const SAID = 4000
