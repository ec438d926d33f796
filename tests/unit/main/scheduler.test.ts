import { describe, expect, test } from 'bun:test'
import type { Timer } from '../../../src/main/lifecycle/scheduler.ts'
import { startScheduler } from '../../../src/main/lifecycle/scheduler.ts'
import type { ScheduledTask } from '../../../src/ports/driven/operations/scheduled-task.ts'

type Alarm = { readonly milliseconds: number; readonly ring: () => void }

/** A clock that only moves when it is told to. */
const handTimer = () => {
  const alarms = new Set<Alarm>()
  const timer: Timer = (milliseconds, ring) => {
    const alarm = { milliseconds, ring }
    alarms.add(alarm)
    return () => alarms.delete(alarm)
  }
  return {
    timer,
    waits: () => [...alarms].map(({ milliseconds }) => milliseconds),
    ringAll: async () => {
      for (const alarm of [...alarms]) {
        alarms.delete(alarm)
        alarm.ring()
      }
      await Bun.sleep(0)
    },
  }
}

const task = (run: () => Promise<void>): ScheduledTask => ({ name: 'sweep', everySeconds: 60, run })

const given = (run: () => Promise<void>, random = 0.5) => {
  const clock = handTimer()
  const logged: unknown[] = []
  const scheduler = startScheduler([task(run)], {
    timer: clock.timer,
    random: () => random,
    log: (level, event, fields, fault) => logged.push([level, event, fields, fault]),
  })
  return { ...clock, scheduler, logged }
}

describe('the scheduler', () => {
  test('runs nothing at once, then every time its interval has passed', async () => {
    let runs = 0
    const { ringAll, waits } = given(async () => {
      runs += 1
    })
    expect(runs).toBe(0)
    await ringAll()
    await ringAll()
    expect(runs).toBe(2)
    expect(waits()).toEqual([60_000])
  })

  test('varies the interval by a tenth either way', () => {
    expect(given(async () => {}, 0).waits()).toEqual([54_000])
    expect(given(async () => {}, 1).waits()).toEqual([66_000])
  })

  test('does not set the next turn while a task runs', async () => {
    let finish = () => {}
    const { ringAll, waits } = given(
      () =>
        new Promise((resolve) => {
          finish = resolve
        }),
    )
    await ringAll()
    expect(waits()).toEqual([])
    finish()
    await Bun.sleep(0)
    expect(waits()).toHaveLength(1)
  })

  test('logs a fault by the name of the task and goes on', async () => {
    const fault = new Error('no disk')
    const { logged, ringAll, waits } = given(() => Promise.reject(fault))
    await ringAll()
    expect(logged).toEqual([['error', 'maintenance.fault', { task: 'sweep' }, fault]])
    expect(waits()).toHaveLength(1)
  })

  test('survives a task that throws before it promises anything', async () => {
    const { logged, ringAll, waits } = given(() => {
      throw new Error('at once')
    })
    await ringAll()
    expect(logged).toHaveLength(1)
    expect(waits()).toHaveLength(1)
  })

  test('stops by calling off what waits', async () => {
    const { scheduler, waits } = given(async () => {})
    await scheduler.stop()
    expect(waits()).toEqual([])
  })

  test('stops only after what runs, and starts nothing after it', async () => {
    let finish = () => {}
    const { ringAll, scheduler, waits } = given(
      () =>
        new Promise((resolve) => {
          finish = resolve
        }),
    )
    await ringAll()
    let hasStopped = false
    const stopped = scheduler.stop().then(() => {
      hasStopped = true
    })
    await Bun.sleep(0)
    expect(hasStopped).toBe(false)
    finish()
    await stopped
    expect(waits()).toEqual([])
  })
})
