// A process of its own: the verifier is native code and writes to the standard output of whoever runs it.
import process from 'node:process'
import type { VerifierOptions } from '@pact-foundation/pact-core'

process.once('message', async (options: VerifierOptions) => {
  try {
    const { Verifier } = await import('@pact-foundation/pact-core')
    answer(await new Verifier(options).verify())
  } catch (fault) {
    // Also what failed verification comes this way: the results are the message.
    answer(fault instanceof Error ? fault.message : String(fault))
  }
})

const answer = (text: string): void => {
  process.send?.(text, () => process.exit(0))
}
