import type { Figure } from './figure.ts'
import { memoryAtRest } from './figures/memory-at-rest.ts'
import { profileReads } from './figures/profile-reads.ts'
import { refreshes } from './figures/refreshes.ts'
import { registrations } from './figures/registrations.ts'
import { signIns } from './figures/sign-ins.ts'
import { firstStart, laterStart } from './figures/starts.ts'
import type { Stage } from './stage.ts'

/** Every figure, in the order that the results list them. */
export const figuresOn = (stage: Stage): readonly Figure[] => [
  signIns(stage),
  registrations(stage),
  profileReads(stage),
  refreshes(stage),
  laterStart(),
  firstStart(),
  memoryAtRest(),
]
