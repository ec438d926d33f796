import type { Problem } from '../problems/problems.ts'

/** How a hook that runs before a route ends the request: Elysia lets it answer in no other way. */
export class Denied extends Error {
  override readonly name = 'Denied'
  constructor(readonly problem: Problem) {
    super(problem.code)
  }
}
