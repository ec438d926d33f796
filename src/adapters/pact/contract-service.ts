import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Api, StateValues } from './account-states.ts'
import { ACCOUNT_STATES, leaveState } from './account-states.ts'

/** A service that is composed for verifying contracts over HTTP, and keeps its data in memory. */
export type InMemoryService = Api & { stop(): Promise<void> }

export type ContractService = {
  /** Ends the previous provider state, and sets up the named one. The refusal is one sentence. */
  become(name: string): Promise<Result<StateValues, string>>
  readonly fetch: Api['fetch']
  stop(): Promise<void>
}

/** The service is opened with the first request or state: most contracts are about messages. */
export const makeContractService = (open: () => Promise<InMemoryService>): ContractService => {
  let current: InMemoryService | null = null
  let values: StateValues = {}
  const stop = async () => {
    await current?.stop()
    current = null
  }
  const present = async (): Promise<Api> => {
    if (current === null) values = {}
    current ??= await open()
    return current
  }
  return {
    become: async (name) => {
      const state = ACCOUNT_STATES.get(name)
      if (state === undefined) return fail(`There is no provider state “${name}”. ${KNOWN}`)
      if (!(await leaveState(await present(), values))) await stop()
      values = await state(await present())
      return ok(values)
    },
    fetch: async (request, peer) => (await present()).fetch(request, peer),
    stop,
  }
}

const KNOWN = `There are: ${[...ACCOUNT_STATES.keys()].join(', ')}.`
