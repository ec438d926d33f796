import { describe, expect, test } from 'bun:test'
import {
  deadLetterSubjectOf,
  directSubjectOf,
  parseConsumerName,
} from '../../../src/domain/events/consumer-name.ts'

describe('the name of a consumer', () => {
  test.each(['backend', 'Social-2', 'chat_v2', 'a', 'x'.repeat(64)])('may be %s', (name) => {
    const consumer = parseConsumerName(name)
    if (consumer === null) throw new Error('refused')
    expect(directSubjectOf(consumer)).toBe(`direct.user.events.${name}`)
    expect(deadLetterSubjectOf(consumer)).toBe(`dlq.user.events.${name}`)
  })

  test.each([
    ...['', '.', 'a.b', '*', '>', 'a*', 'a b', 'a\n', '\na', 'ä', 'а', '$JS', 'a/b', '٣'],
    'x'.repeat(65),
  ])('is one token of a subject, which %j is not', (name) => {
    expect(parseConsumerName(name)).toBeNull()
  })
})
