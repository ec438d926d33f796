import { parseSessionId, parseUserId } from '../../domain/shared/ids.ts'
import type { Signal } from '../../ports/driven/operations/signals.ts'

export const writeSignal = (signal: Signal): string => JSON.stringify(signal)

/** Null for what is no signal, or one of a later release. */
export const readSignal = (text: string): Signal | null => {
  const message = parse(text)
  const field = (name: string): unknown => Reflect.get(message, name)
  switch (field('kind')) {
    case 'user-changed': {
      const userId = parseUserId(String(field('userId')))
      return userId && { kind: 'user-changed', userId }
    }
    case 'session-changed': {
      const sessionId = parseSessionId(String(field('sessionId')))
      return sessionId && { kind: 'session-changed', sessionId }
    }
    case 'events-waiting': {
      const shards = field('shards')
      return isListOfNumbers(shards) ? { kind: 'events-waiting', shards } : null
    }
    case 'shards-freed':
    case 'mode-changed':
      return { kind: field('kind') === 'shards-freed' ? 'shards-freed' : 'mode-changed' }
    default:
      return null
  }
}

const isListOfNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((item) => Number.isInteger(item))

const parse = (text: string): object => {
  try {
    const message: unknown = JSON.parse(text)
    return typeof message === 'object' && message !== null ? message : {}
  } catch {
    return {}
  }
}
