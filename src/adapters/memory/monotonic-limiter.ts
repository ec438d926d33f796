import { RateLimiterCompatibleAbstract, RateLimiterRes } from 'rate-limiter-flexible'
import type { Budget } from '../../domain/limits/limits.ts'

/** Monotonic milliseconds. They do not change with the wall clock. */
type MonotonicClock = () => number
type Count = { readonly points: number; readonly endsAt: number }
type Options = { readonly [key: string]: unknown }

const CAPACITY = 100_000

/**
 * A store for rate-limiter-flexible with a monotonic clock. As in Redis, points beyond the budget are not counted, no count falls
 * below zero, and a count of zero is removed. The library's own store reads the wall clock, so setting the clock
 * forward would open every budget, and setting it back would freeze them. It is a class because the library requires one.
 */
class MonotonicLimiter extends RateLimiterCompatibleAbstract {
  override readonly keyPrefix: string
  override blockDuration = 0
  override execEvenly = false
  private readonly counts = new Map<string | number, Count>()
  private readonly budget: Budget
  private readonly now: MonotonicClock
  private readonly capacity: number

  constructor(name: string, budget: Budget, now: MonotonicClock, capacity: number) {
    super()
    this.keyPrefix = name
    this.budget = budget
    this.now = now
    this.capacity = capacity
  }

  override consume(key: string | number, points = 1, options: Options = {}) {
    const current = this.current(key)
    if (current !== null && current.points + points > this.budget.points)
      return Promise.reject(this.stateOf({ ...current, points: current.points + points }))
    return Promise.resolve(this.add(key, points, options))
  }

  override penalty(key: string | number, points = 1, options: Options = {}) {
    return Promise.resolve(this.add(key, points, options))
  }

  override reward(key: string | number, points = 1, options: Options = {}) {
    const current = this.current(key)
    if (current !== null && current.points > points)
      return Promise.resolve(this.add(key, -points, options))
    this.counts.delete(key)
    return Promise.resolve(this.stateOf({ points: 0, endsAt: 0 }))
  }

  override get(key: string | number) {
    const count = this.current(key)
    return Promise.resolve(count === null ? null : this.stateOf(count))
  }

  override set(key: string | number, points: number, seconds: number) {
    return Promise.resolve(this.stateOf(this.begin(key, points, seconds)))
  }

  override block(key: string | number, seconds: number) {
    return this.set(key, this.budget.points + 1, seconds)
  }

  override delete(key: string | number) {
    return Promise.resolve(this.counts.delete(key))
  }

  private add(key: string | number, points: number, { customDuration }: Options): RateLimiterRes {
    const seconds = typeof customDuration === 'number' ? customDuration : this.budget.seconds
    const current = this.current(key)
    if (current === null) return this.stateOf(this.begin(key, points, seconds))
    const count = { ...current, points: current.points + points }
    this.counts.set(key, count)
    return this.stateOf(count)
  }

  private begin(key: string | number, points: number, seconds: number): Count {
    // Removed first, so that the map is ordered by the start of the windows.
    this.counts.delete(key)
    if (this.counts.size >= this.capacity) this.makeRoom()
    const count = { points, endsAt: this.now() + seconds * 1000 }
    this.counts.set(key, count)
    return count
  }

  private current(key: string | number): Count | null {
    const count = this.counts.get(key)
    return count !== undefined && count.endsAt > this.now() ? count : null
  }

  private stateOf({ points, endsAt }: Count): RateLimiterRes {
    const remaining = Math.max(0, this.budget.points - points)
    return new RateLimiterRes(remaining, Math.max(0, endsAt - this.now()), points)
  }

  /** Removes expired counts and, when that is not enough, the oldest quarter, so that memory stays bounded. */
  private makeRoom(): void {
    const now = this.now()
    for (const [key, { endsAt }] of this.counts) if (endsAt <= now) this.counts.delete(key)
    const surplus = this.counts.size - Math.floor(this.capacity * 0.75)
    const oldest = [...this.counts.keys()].slice(0, Math.max(0, surplus))
    for (const key of oldest) this.counts.delete(key)
  }
}

/** Opens budgets in the memory of this process. Each keeps at most `capacity` keys. */
export const makeMonotonicBudgets =
  (now: MonotonicClock = () => performance.now(), capacity = CAPACITY) =>
  (name: string, budget: Budget): RateLimiterCompatibleAbstract =>
    new MonotonicLimiter(name, budget, now, capacity)
