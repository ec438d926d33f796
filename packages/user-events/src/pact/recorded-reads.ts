import type { SchemaVersion } from '../contract/subjects.ts'
import type { UserEvent } from '../contract/user-event.ts'

/** An event that remembers which fields of its body were read. */
export type RecordedReads<Version extends SchemaVersion> = {
  readonly event: UserEvent<Version>
  /** The event with other values. What is read of it is recorded too. */
  alter(changes: EventChanges<Version>): UserEvent<Version>
  /** The fields that were read so far. Copying the body, for example by `{ ...event.data }`, reads all of them. */
  fields(): ReadonlySet<string>
}

export type EventChanges<Version extends SchemaVersion> = Partial<
  Omit<UserEvent<Version>, 'data'>
> & { readonly data?: Partial<UserEvent<Version>['data']> }

/** The member of an event that comes from the body and from no header. */
const FROM_BODY = 'occurredAt'

/** Gives an event out and records what is read of its body. Headers are in every contract, so their use is not recorded. */
export const recordReads = <Version extends SchemaVersion>(
  original: UserEvent<Version>,
): RecordedReads<Version> => {
  const read = new Set<string>()
  const recording = (data: UserEvent<Version>['data']) => {
    const note = (name: string | symbol) => {
      // Test frameworks also look for names such as `then` and `toJSON`.
      if (typeof name === 'string' && Object.hasOwn(data, name)) read.add(name)
    }
    return new Proxy(data, {
      get: (target, name) => {
        note(name)
        return Reflect.get(target, name)
      },
      has: (target, name) => {
        note(name)
        return Reflect.has(target, name)
      },
    })
  }
  const give = (event: UserEvent<Version>): UserEvent<Version> => {
    let copied: string | symbol | null = null
    return new Proxy(
      { ...event, data: recording(event.data) },
      {
        getOwnPropertyDescriptor: (target, name) => {
          copied = name
          return Reflect.getOwnPropertyDescriptor(target, name)
        },
        get: (target, name) => {
          // `{ ...event }` asks for each member's descriptor first. Such a copy alone relies on nothing.
          if (name === FROM_BODY && copied !== name) read.add('timestamp')
          copied = null
          return Reflect.get(target, name)
        },
      },
    )
  }
  return {
    event: give(original),
    alter: ({ data, ...rest }) =>
      give({ ...original, ...rest, data: { ...original.data, ...data } }),
    fields: () => read,
  }
}
