import type { Answer } from '../../builders/http/given-http.ts'
import { register, send } from '../../builders/http/given-http.ts'
import { wakingMilliseconds } from '../timing/waking-time.ts'
import type { Service } from './start-service.ts'

/** Somebody who is signed in. */
export type Person = {
  readonly id: string
  readonly username: string
  readonly bearer: string
}

/** What came back, and how long it took while this machine did not stand still. */
export type Timed = Pick<Answer, 'status' | 'body'> & { readonly milliseconds: number }

export const givenPeople = async (
  service: Pick<Service, 'url'>,
  count: number,
): Promise<Person[]> => {
  const people: Person[] = []
  // Hashing takes all there is of a processor: side by side nobody would be quicker.
  while (people.length < count) people.push(personOf(await register(service)))
  return people
}

export const personOf = ({ status, body }: Answer): Person => {
  if (status !== 201) throw new Error(`registering was answered ${status}`)
  const { user, tokens } = body
  return { id: user.id, username: user.username, bearer: tokens.accessToken }
}

export const timed = async (ask: () => Promise<Answer>): Promise<Timed> => {
  const began = wakingMilliseconds()
  const { status, body } = await ask()
  return { status, body, milliseconds: wakingMilliseconds() - began }
}

let changes = 0

/** One change that is told to everybody. */
export const change = (service: Pick<Service, 'url'>, { bearer }: Person): Promise<Timed> => {
  changes += 1
  const body = { displayName: `Name ${changes}` }
  return timed(() => send(service, 'PATCH', '/v1/users/me', { bearer, body }))
}

/** Changes each person so many times; each person's changes one after the other. */
export const changeEach = async (
  service: Pick<Service, 'url'>,
  people: readonly Person[],
  times: number,
): Promise<Timed[]> => {
  const changeOne = async (person: Person) => {
    const answers: Timed[] = []
    while (answers.length < times) answers.push(await change(service, person))
    return answers
  }
  return (await Promise.all(people.map(changeOne))).flat()
}

/**
 * Asks on and on, so many callers side by side, each with a short rest between; `answered` says how often there was an
 * answer so far, `stop` resolves with all of them.
 */
export const keepAsking = (callers: number, ask: (caller: number) => Promise<Timed>) => {
  const answers: Timed[] = []
  let goesOn = true
  const call = async (caller: number) => {
    while (goesOn) {
      answers.push(await ask(caller))
      await Bun.sleep(REST_MILLISECONDS)
    }
  }
  const calling = Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)))
  return {
    answered: () => answers.length,
    stop: async (): Promise<readonly Timed[]> => {
      goesOn = false
      await calling
      return answers
    },
  }
}

const REST_MILLISECONDS = 50

/** Changes each of them again and again. */
export const changePeople = (service: Pick<Service, 'url'>, people: readonly Person[]) =>
  keepAsking(people.length, async (caller) => {
    const person = people[caller]
    if (person === undefined) throw new Error('nobody to change')
    return change(service, person)
  })

/** How often each status came: `{ 200: 12 }`. */
export const statusesOf = (answers: readonly Timed[]): Readonly<Record<number, number>> => {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

export const slowestOf = (answers: readonly Timed[]): number =>
  Math.max(...answers.map(({ milliseconds }) => milliseconds))
