import type { BareMachine } from '../measurement/bare-machine.ts'

/** What the machine does, by the name of its figure. */
export const MACHINE_WORK: Readonly<Record<keyof BareMachine, string>> = {
  hashesPerSecond: 'argon2id hashes',
  changesPerSecond: 'changes by the twin',
  commitsPerSecond: 'commits of PostgreSQL',
}

/** What the machine can do, as a part of a sentence. */
export const machineText = (machine: BareMachine): string =>
  `${machine.hashesPerSecond} ${MACHINE_WORK.hashesPerSecond}, ${machine.changesPerSecond} ${MACHINE_WORK.changesPerSecond} ` +
  `and ${machine.commitsPerSecond} ${MACHINE_WORK.commitsPerSecond} a second`
