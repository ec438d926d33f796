import type { Person } from '../../tests/support/processes/steady-load.ts'

/** One change that was asked for. */
export type Asked = {
  readonly at: number
  readonly milliseconds: number
  /** 0 when there was no answer at all. */
  readonly status: number
  readonly userId: string
  /** The version that it made, when it was accepted. */
  readonly version: number | null
}

const TICK_MILLISECONDS = 20
const PATIENCE_MILLISECONDS = 10_000

/**
 * Asks for so many changes a second, whether or not the ones before were answered; each person has one under way at a
 * time. Requests go to the instances in turn.
 */
export const startLoad = (
  urls: () => readonly string[],
  people: readonly Person[],
  perSecond: number,
) => {
  const asked: Asked[] = []
  const busy = new Set<string>()
  const underWay = new Set<Promise<void>>()
  let turn = 0
  let owed = 0
  let last = performance.now()

  const next = (): Person | null => {
    for (let tries = 0; tries < people.length; tries += 1) {
      const person = people[turn++ % people.length]
      if (person !== undefined && !busy.has(person.id)) return person
    }
    return null
  }

  const change = async (person: Person): Promise<void> => {
    const all = urls()
    const began = performance.now()
    const at = Date.now()
    const { status, version } = await patch(all[turn % all.length] ?? '', person, `Name ${turn}`)
    const milliseconds = performance.now() - began
    asked.push({ at, milliseconds, status, userId: person.id, version })
    busy.delete(person.id)
  }

  const tick = (): void => {
    const now = performance.now()
    owed = Math.min(owed + ((now - last) / 1000) * perSecond, perSecond)
    last = now
    for (; owed >= 1; owed -= 1) {
      const person = next()
      if (person === null) return
      busy.add(person.id)
      const changing = change(person).finally(() => underWay.delete(changing))
      underWay.add(changing)
    }
  }
  const timer = setInterval(tick, TICK_MILLISECONDS)

  return {
    asked: asked as readonly Asked[],
    stop: async (): Promise<void> => {
      clearInterval(timer)
      await Promise.all(underWay)
    },
  }
}

const patch = async (url: string, { bearer }: Person, displayName: string) => {
  try {
    const response = await fetch(`${url}/v1/users/me`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ displayName }),
      signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
    })
    const body: unknown = await response.json()
    const version = typeof body === 'object' && body !== null ? Reflect.get(body, 'version') : null
    return { status: response.status, version: typeof version === 'number' ? version : null }
  } catch {
    return { status: 0, version: null }
  }
}
