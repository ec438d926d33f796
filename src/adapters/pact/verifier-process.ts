// The verifier runs in a process of its own, because it is native code and writes to the standard output of its process.
import process from 'node:process'
import type { VerifierOptions } from '@pact-foundation/pact-core'

process.once('message', async (options: VerifierOptions) => {
  try {
    const { Verifier } = await import('@pact-foundation/pact-core')
    answer(await new Verifier(options).verify())
  } catch (fault) {
    // A failed verification is thrown too; its message holds the results.
    answer(fault instanceof Error ? fault.message : String(fault))
  }
})

const answer = (text: string): void => {
  process.send?.(text, () => process.exit(0))
}
