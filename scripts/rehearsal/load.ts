import type { Person } from '../../tests/support/processes/service/steady-load.ts'

/** One request for a change, and its answer. */
export type ChangeRequest = {
  /** When it was sent, in milliseconds since the epoch. */
  readonly at: number
  readonly milliseconds: number
  /** The HTTP status. 0 when there was no answer. */
  readonly status: number
  readonly userId: string
  /** The version that the change made. Null when it was not accepted. */
  readonly version: number | null
}

const TICK_MS = 20
const TIMEOUT_MS = 10_000

/**
 * Sends `perSecond` changes a second, whether or not earlier ones have been answered. Each person has at most one request
 * at a time. Requests go to the instances in turn.
 */
export const startLoad = (
  urls: () => readonly string[],
  people: readonly Person[],
  perSecond: number,
) => {
  const requests: ChangeRequest[] = []
  const busy = new Set<string>()
  const inFlight = new Set<Promise<void>>()
  let turn = 0
  let due = 0
  let last = performance.now()

  const nextIdlePerson = (): Person | null => {
    for (let tries = 0; tries < people.length; tries += 1) {
      const person = people[turn++ % people.length]
      if (person !== undefined && !busy.has(person.id)) return person
    }
    return null
  }

  const change = async (person: Person): Promise<void> => {
    const instances = urls()
    const began = performance.now()
    const at = Date.now()
    const { status, version } = await patch(
      instances[turn % instances.length] ?? '',
      person,
      `Name ${turn}`,
    )
    const milliseconds = performance.now() - began
    requests.push({ at, milliseconds, status, userId: person.id, version })
    busy.delete(person.id)
  }

  const tick = (): void => {
    const now = performance.now()
    due = Math.min(due + ((now - last) / 1000) * perSecond, perSecond)
    last = now
    for (; due >= 1; due -= 1) {
      const person = nextIdlePerson()
      if (person === null) return
      busy.add(person.id)
      const changing = change(person).finally(() => inFlight.delete(changing))
      inFlight.add(changing)
    }
  }
  const timer = setInterval(tick, TICK_MS)

  return {
    requests: requests as readonly ChangeRequest[],
    stop: async (): Promise<void> => {
      clearInterval(timer)
      await Promise.all(inFlight)
    },
  }
}

const patch = async (url: string, { bearer }: Person, displayName: string) => {
  try {
    const response = await fetch(`${url}/v1/users/me`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ displayName }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const body: unknown = await response.json()
    const version = typeof body === 'object' && body !== null ? Reflect.get(body, 'version') : null
    return { status: response.status, version: typeof version === 'number' ? version : null }
  } catch {
    return { status: 0, version: null }
  }
}
