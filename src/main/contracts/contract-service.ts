import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Api, Compose, Composition } from '../composition.ts'
import { readConfig } from '../config.ts'
import { layGround } from '../lay-ground.ts'
import type { StateValues } from './account-states.ts'
import { ACCOUNT_STATES, leaveState } from './account-states.ts'

/** A service for contracts over HTTP: in memory, whatever this installation is set to. */
export type ContractService = {
  /** Leaves the state before, and begins this one. The refusal is one sentence. */
  become(name: string): Promise<Result<StateValues, string>>
  readonly fetch: Api['fetch']
  stop(): Promise<void>
}

const SETTINGS = {
  NODE_ENV: 'test',
  DATA_DIR: 'memory:',
  PUBLIC_URL: 'http://localhost:3000',
  RATE_LIMITS: 'off',
  LOG_LEVEL: 'error',
}

/** Nothing is composed before the first request or state: most contracts are about messages. */
export const makeContractService = (compose: Compose): ContractService => {
  let current: Composition | null = null
  let values: StateValues = {}
  const stop = async () => {
    await current?.stop()
    current = null
  }
  const present = async (): Promise<Api> => {
    if (current === null) values = {}
    current ??= await composeInMemory(compose)
    return current.publicApi
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

const composeInMemory = async (compose: Compose): Promise<Composition> => {
  const reading = readConfig(SETTINGS, () => '')
  if ('problems' in reading) throw new Error(reading.problems.join('; '))
  const laid = await layGround(reading.config)
  const composed = laid.ok ? await compose(laid.value.ground) : laid
  if (!composed.ok) throw new Error(composed.refusal.lines.join('; '))
  await composed.value.migrate()
  composed.value.becomeReady()
  return composed.value
}
