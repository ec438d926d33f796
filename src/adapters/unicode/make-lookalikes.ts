import { rectifyConfusion } from 'unicode-confusables'
import type { UsernameSkeleton } from '../../domain/username.ts'
import type { Lookalikes } from '../../ports/driven/lookalikes.ts'

/** Skeletons by the table of Unicode's confusables: decompose, replace each code point, decompose (UTS #39 §4). */
export const makeLookalikes = (): Lookalikes => ({
  skeleton: (name) => rectifyConfusion(name.normalize('NFD')).normalize('NFD') as UsernameSkeleton,
})
