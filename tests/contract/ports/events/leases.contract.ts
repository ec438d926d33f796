import { beforeEach, describe, expect, test } from 'bun:test'
import { SHARDS } from '../../../../src/domain/events/user-event.ts'
import type { Leases } from '../../../../src/ports/driven/events/leases.ts'

export type LeasesUnderTest = {
  readonly leases: Leases
  /** As if this instance had last renewed more than ten seconds ago. */
  lapse(instance: string): Promise<void>
}

/** What every adapter of leases promises. Each test begins without an instance. */
export const leasesContract = (name: string, open: () => Promise<LeasesUnderTest>) =>
  describe(`leases kept in ${name}`, () => {
    let subject: LeasesUnderTest
    const keep = (instance: string) => subject.leases.keep(instance)
    const shardsOf = async (instance: string) =>
      (await keep(instance)).held.map(({ shard }) => shard).toSorted((a, b) => a - b)
    const epochOf = async (instance: string, shard: number) =>
      (await keep(instance)).held.find((lease) => lease.shard === shard)?.epoch

    beforeEach(async () => {
      subject = await open()
    })

    test('the only instance holds every shard', async () => {
      const { held, instances, nextLapseSeconds } = await keep('a')
      expect(held).toHaveLength(SHARDS)
      expect({ instances, nextLapseSeconds }).toEqual({ instances: 1, nextLapseSeconds: null })
    })

    test('renewing changes neither shards nor epochs', async () => {
      const before = await keep('a')
      expect((await keep('a')).held.toSorted(byShard)).toEqual(before.held.toSorted(byShard))
    })

    test('a newcomer finds nothing free, and is counted', async () => {
      await keep('a')
      const { held, instances, nextLapseSeconds } = await keep('b')
      expect(held).toEqual([])
      expect(instances).toBe(2)
      expect(nextLapseSeconds).toBeGreaterThan(5)
      expect(nextLapseSeconds).toBeLessThanOrEqual(10)
    })

    test('what is handed back goes to others, under another epoch', async () => {
      await keep('a')
      await keep('b')
      const epoch = await epochOf('a', 0)
      await subject.leases.handBack('a', [0, 1])
      expect(await shardsOf('b')).toEqual([0, 1])
      expect(await epochOf('b', 0)).toBe((epoch ?? 0) + 1)
      expect(await shardsOf('a')).toHaveLength(SHARDS - 2)
    })

    test('no instance takes more than a fair share', async () => {
      await keep('a')
      await keep('b')
      const all = await shardsOf('a')
      await subject.leases.handBack('a', all)
      expect(await shardsOf('b')).toHaveLength(SHARDS / 2)
      expect(await shardsOf('a')).toHaveLength(SHARDS / 2)
    })

    test('shards of an instance that does not renew go to the others', async () => {
      await keep('a')
      await keep('b')
      await subject.lapse('a')
      const { held, instances } = await keep('b')
      expect(held).toHaveLength(SHARDS)
      expect(instances).toBe(1)
    })

    test('a lease that lapsed comes back under another epoch', async () => {
      const epoch = await epochOf('a', 7)
      await subject.lapse('a')
      expect(await epochOf('a', 7)).toBe((epoch ?? 0) + 1)
    })

    test("no instance can hand back another's shards", async () => {
      await keep('a')
      await keep('b')
      await subject.leases.handBack('b', [3])
      expect(await shardsOf('b')).toEqual([])
    })

    test('an instance that leaves is not counted, and its shards are free at once', async () => {
      await keep('a')
      await keep('b')
      await subject.leases.leave('a')
      const { held, instances } = await keep('b')
      expect({ held: held.length, instances }).toEqual({ held: SHARDS, instances: 1 })
    })

    test('no two instances that ask at the same time receive the same shard', async () => {
      const answers = await Promise.all(['a', 'b', 'c', 'd'].map(keep))
      const shards = answers.flatMap(({ held }) => held.map(({ shard }) => shard))
      expect(new Set(shards).size).toBe(shards.length)
    })
  })

const byShard = (a: { readonly shard: number }, b: { readonly shard: number }) => a.shard - b.shard
