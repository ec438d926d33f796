import type { BareMachine } from '../../../bench/measurement/bare-machine.ts'
import { MACHINE_WORK } from '../../../bench/report/machine-text.ts'
import type { Suite } from './suites.ts'

/** The service may cost so many times what bare work costs. The bench has the same limit beside the twin. */
const COST_OF_SERVICE = 1.4

const percent = (share: number): string => `${Math.round(share * 100)} %`

/**
 * One sentence or two for somebody who starts a suite at a rate that the machine cannot reach. All work of a request runs on
 * the same cores, so its shares of what the machine can do are added.
 * @returns Null when the machine can reach the rate.
 */
export const overloadWarning = (
  { name, work }: Pick<Suite, 'name' | 'work'>,
  rate: number,
  machine: BareMachine,
): string | null => {
  const shares = Object.entries(work).map(([what, perRequest]) => {
    const limit = what as keyof BareMachine
    return { what: MACHINE_WORK[limit], share: (perRequest * rate) / machine[limit] }
  })
  const needed = COST_OF_SERVICE * shares.reduce((sum, { share }) => sum + share, 0)
  if (needed <= 1) return null
  const parts = shares.map(({ what, share }) => `${percent(share)} of the ${what}`)
  return (
    `${name} at ${rate} a second asks for ${parts.join(' and ')} that this machine can make by itself. The service costs up to ` +
    `${COST_OF_SERVICE} times as much, so requests will be late or refused. Up to ${Math.floor(rate / needed)} a second can work.`
  )
}
