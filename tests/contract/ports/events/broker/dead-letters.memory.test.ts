import { expect, test } from 'bun:test'
import { makeInProcessDeadLetters } from '../../../../../src/adapters/memory/in-process-dead-letters.ts'
import type { ConsumerName } from '../../../../../src/domain/events/consumer-name.ts'
import { givenMessage } from '../../../../support/builders/events/stored-messages.ts'
import { deadLettersContract } from './dead-letters.contract.ts'

deadLettersContract('the process', async () => {
  const deadLetters = makeInProcessDeadLetters()
  return {
    deadLetters,
    put: async (consumer, message) => {
      deadLetters.put(consumer, message, new Date())
    },
  }
})

test('a full list of dead letters in the process takes no more and drops none', async () => {
  const deadLetters = makeInProcessDeadLetters(2)
  const put = (id: string) =>
    deadLetters.put('backend' as ConsumerName, givenMessage(id), new Date())
  expect(['a', 'b', 'c'].map(put)).toEqual([true, true, false])
  const kept = await deadLetters.list({ consumer: null, after: 0, limit: 9 })
  expect(kept.map(({ message }) => message.headers['ce-id'])).toEqual(['a', 'b'])
  await deadLetters.remove(1)
  expect(put('d')).toBe(true)
})
