import { beforeAll, describe, expect, test } from 'bun:test'
import { makeAuditStream } from '../../../../src/application/events/audit-stream.ts'
import { PublishFailure } from '../../../../src/domain/events/publish-failure.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'
import type { Delivery } from '../../../../src/ports/driven/events/deliveries.ts'
import type {
  StoredEvents,
  StoredMessage,
} from '../../../../src/ports/driven/events/event-streams.ts'
import { storedUser, updatedUser } from '../../../support/builders/accounts/stored-users.ts'
import type { StoresUnderTest } from '../../../support/builders/database/given-stores.ts'
import { FIRST, SECOND } from '../../../support/builders/database/given-stores.ts'
import { everythingDue } from '../../../support/builders/events/given-events.ts'

let streams = 0

/** The auditor on a ledger and a stream whose past is changed under it. */
export const deliveryAuditContract = (name: string, open: () => Promise<StoresUnderTest>) =>
  describe(`the auditor on ${name}`, () => {
    let subject: StoresUnderTest
    beforeAll(async () => {
      subject = await open()
    })

    const idOf = ({ event, channel }: Delivery) => `${event.eventId}:${channel}`

    /** Delivers everything that is pending for a stream; answers the ids in order. */
    const deliver = async (
      stream: ReturnType<typeof listedStream>,
      streamName: string,
      at = new Date(),
    ) => {
      const delivered: string[] = []
      for (const channel of [FIRST, SECOND])
        for (const delivery of await subject.deliveries.due(everythingDue(channel))) {
          if (delivery.attempts > 0) throw new PublishFailure('permanent', 'not a fresh delivery')
          const sequence = stream.publish(idOf(delivery))
          delivered.push(idOf(delivery))
          const receipt = { stream: streamName, sequence, duplicate: false }
          await subject.deliveries.acknowledge([{ delivery, receipt, at }])
        }
      return delivered
    }

    const given = async () => {
      streams += 1
      const streamName = `AUDITED_${streams}`
      const stream = listedStream()
      await deliver(listedStream(), `EARLIER_${streams}`)
      const user = await storedUser(subject)
      await updatedUser(subject, user, { isActive: false })
      await storedUser(subject)
      const delivered = await deliver(stream, streamName)
      let wakes = 0
      const logged: string[] = []
      let between = async () => {}
      let isBroken = false
      const audit = makeAuditStream({
        audit: {
          ...subject.audit,
          acknowledgedWithin: async (...asked) => {
            const acknowledged = await subject.audit.acknowledgedWithin(...asked)
            await between()
            return acknowledged
          },
        },
        stored: {
          position: async () => {
            const position = await stream.stored.position()
            await between()
            return position
          },
          async *read(first, last) {
            if (isBroken) throw new Unavailable('the stream cannot be read')
            yield* stream.stored.read(first, last)
            await between()
          },
        },
        stream: streamName,
        maxAgeSeconds: 7 * 86_400,
        wake: () => {
          wakes += 1
        },
        log: (level, event, fields) =>
          logged.push(`${level} ${event} ${fields?.['suspicion']} ${fields?.['missing']}`),
      })
      await audit()
      return {
        stream,
        streamName,
        delivered,
        audit,
        logged,
        wakes: () => wakes,
        /** From now on a user is created, published and acknowledged after each read of the auditor. */
        changeBetweenReads: () => {
          between = async () => {
            await storedUser(subject)
            await deliver(stream, streamName)
          }
        },
        setBroken: (broken: boolean) => {
          isBroken = broken
        },
      }
    }

    test('finds nothing to do where nothing was lost', async () => {
      const { audit, wakes, delivered } = await given()
      expect(delivered).toHaveLength(6)
      expect(await audit()).toBe(0)
      expect(wakes()).toBe(0)
    })

    test('raises no alarm while changes are published between its reads [PR1]', async () => {
      const { audit, wakes, logged, changeBetweenReads } = await given()
      changeBetweenReads()
      for (let turn = 0; turn < 3; turn += 1) expect(await audit()).toBe(0)
      expect([wakes(), logged]).toEqual([0, []])
    })

    test.each([-3, 13])(
      'raises no alarm when the clock of an instance is wrong by %d days [PR1] [PR3]',
      async (days) => {
        const { audit, stream, streamName, logged } = await given()
        for (const at of [new Date(Date.now() + days * 86_400_000), new Date()]) {
          await storedUser(subject)
          await deliver(stream, streamName, at)
          expect(await audit()).toBe(0)
        }
        expect(logged).toEqual([])
      },
    )

    test('has nothing delivered again that was published while it compared [PR1]', async () => {
      const { audit, stream, logged, changeBetweenReads } = await given()
      stream.makeAnew()
      changeBetweenReads()
      expect(await audit()).toBe(6)
      expect(logged).toEqual(['error auditor.compared made-anew 6'])
    })

    test('warns, and does not report an error, where a stream that looks changed lacks nothing [PR1]', async () => {
      const { audit, stream, delivered, logged } = await given()
      stream.makeAnew()
      for (const id of delivered) stream.publish(id)
      expect(await audit()).toBe(0)
      expect(logged).toEqual(['warn auditor.compared made-anew 0'])
    })

    test('has everything delivered again, in order, after the stream was created anew', async () => {
      const { audit, stream, streamName, delivered, wakes } = await given()
      stream.makeAnew()
      expect(await audit()).toBe(6)
      expect(wakes()).toBe(1)
      expect(await deliver(stream, streamName)).toEqual(delivered)
      expect(await audit()).toBe(0)
    })

    // The new stream looks complete by its numbers alone, so only the instant of its creation hints at the loss.
    test('compares again after a comparison that broke off', async () => {
      const { audit, stream, delivered, wakes, setBroken } = await given()
      stream.makeAnew()
      for (const id of [...delivered, 'one-more']) stream.publish(`another-${id}`)
      setBroken(true)
      await expect(audit()).rejects.toBeInstanceOf(Unavailable)
      setBroken(false)
      expect([await audit(), wakes()]).toEqual([6, 1])
      expect([await audit(), wakes()]).toEqual([0, 1])
    })

    test('has only what is missing delivered again after a restore from an older copy', async () => {
      const { audit, stream, streamName, delivered } = await given()
      stream.rewind(2)
      expect(await audit()).toBe(2)
      expect((await deliver(stream, streamName)).toSorted()).toEqual(delivered.slice(-2).toSorted())
      expect(await audit()).toBe(0)
    })

    test('has the messages delivered again that were truncated at the front', async () => {
      const { audit, stream, streamName, delivered } = await given()
      stream.truncate(3)
      expect(await audit()).toBe(3)
      expect((await deliver(stream, streamName)).toSorted()).toEqual(
        delivered.slice(0, 3).toSorted(),
      )
      expect(new Set(stream.ids())).toEqual(new Set(delivered))
    })

    test('misses nothing that is older than what the stream keeps [PR1]', async () => {
      const { audit, stream, streamName, logged } = await given()
      await storedUser(subject)
      await deliver(stream, streamName)
      await subject.backdate(streamName, 7, 8)
      stream.truncate(8)
      await storedUser(subject)
      await deliver(stream, streamName)
      expect(await audit()).toBe(6)
      expect(logged).toEqual(['error auditor.compared truncated 6'])
    })

    // The stream may let go of them at any moment.
    test('misses nothing that is within an hour of the age at which the stream lets go', async () => {
      const { audit, stream, streamName, logged } = await given()
      await storedUser(subject)
      const [first] = await deliver(stream, streamName)
      const halfAnHour = 1 / 48
      await subject.backdate(streamName, 7, 7 - halfAnHour)
      stream.remove(first)
      stream.truncate(6)
      await audit()
      expect(logged).toEqual(['error auditor.compared truncated 6'])
    })

    test('finds nothing to do where the clocks of two instances differ by seconds [PR1]', async () => {
      const { audit, stream, streamName, logged } = await given()
      await storedUser(subject)
      await deliver(stream, streamName, new Date(Date.now() - 20_000))
      expect(await audit()).toBe(0)
      expect(logged).toEqual([])
    })

    test('counts a replayed message as the event that it carries', async () => {
      const { audit, stream, delivered } = await given()
      stream.makeAnew()
      for (const id of delivered) stream.publish(`${id}:r0198f3a2`)
      expect(await audit()).toBe(0)
    })

    test('enqueues nothing twice', async () => {
      const { audit, stream } = await given()
      stream.makeAnew()
      expect(await audit()).toBe(6)
      stream.makeAnew()
      expect(await audit()).toBe(0)
      expect(await subject.deliveries.due(everythingDue(FIRST))).toHaveLength(3)
    })
  })

/** A stream in a list, whose past a test may change. */
const listedStream = (createdAt = new Date('2026-11-20T00:00:00.000Z')) => {
  let born = createdAt
  let first = 1
  let messages: StoredMessage[] = []
  const last = () => messages.at(-1)?.sequence ?? first - 1
  const stored: Pick<StoredEvents, 'position' | 'read'> = {
    position: async () => ({ createdAt: born, firstSequence: first, lastSequence: last() }),
    async *read(from, to) {
      yield* messages.filter(({ sequence }) => sequence >= from && sequence <= to)
    },
  }
  return {
    stored,
    /** Answers the sequence that the message got. */
    publish: (messageId: string): number => {
      const sequence = last() + 1
      messages.push({ sequence, topic: 'user.events', messageId })
      return sequence
    },
    makeAnew: () => {
      born = new Date(born.getTime() + 86_400_000)
      first = 1
      messages = []
    },
    /** As after a restore from an older copy: the last messages are gone, their numbers are given again. */
    rewind: (count: number) => {
      messages = messages.slice(0, -count)
    },
    /** As when a message has reached its age. */
    remove: (id: string | undefined) => {
      messages = messages.filter(({ messageId }) => messageId !== id)
    },
    truncate: (count: number) => {
      messages = messages.slice(count)
      first += count
    },
    ids: () => messages.map(({ messageId }) => messageId),
  }
}
