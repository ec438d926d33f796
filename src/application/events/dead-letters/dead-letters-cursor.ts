import { CHANNELS } from '../../../domain/events/user-event.ts'
import type { ParkedPlace } from '../../../ports/driven/events/replays.ts'

/** A place in the list of what was given up. */
export type GivenUpPlace =
  | ({ readonly kind: 'parked' } & ParkedPlace)
  | { readonly kind: 'dead-letter'; readonly sequence: number }

export const writeGivenUpCursor = (place: GivenUpPlace): string =>
  place.kind === 'parked' ? `p.${place.position}.${place.channel}` : `d.${place.sequence}`

const FORM = /^(?:p\.(0|[1-9]\d{0,14})\.(.+)|d\.(0|[1-9]\d{0,14}))$/

/** Null for text that no list has written. */
export const readGivenUpCursor = (cursor: string): GivenUpPlace | null => {
  const [, position, name, sequence] = FORM.exec(cursor) ?? []
  if (sequence !== undefined) return { kind: 'dead-letter', sequence: Number(sequence) }
  const channel = CHANNELS.find((known) => known === name)
  return position === undefined || channel === undefined
    ? null
    : { kind: 'parked', position: Number(position), channel }
}
