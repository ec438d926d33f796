import { Buffer } from 'node:buffer'

/** A place in the ledger: a transaction's id, and a position among its events. */
export type LedgerPosition = { readonly xid: string; readonly position: string }

export const START: LedgerPosition = { xid: '0', position: '0' }

const FORM = /^(0|[1-9]\d{0,19})\.(0|[1-9]\d{0,18})$/
const MAXIMUM_XID = 2n ** 64n - 1n
const MAXIMUM_POSITION = 2n ** 63n - 1n

export const writeCursor = ({ xid, position }: LedgerPosition): string =>
  Buffer.from(`${xid}.${position}`).toString('base64url')

/** Null for text that no ledger has written. */
export const readCursor = (cursor: string): LedgerPosition | null => {
  const [, xid, position] = FORM.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? []
  if (xid === undefined || position === undefined) return null
  const place = { xid, position }
  const inRange = BigInt(xid) <= MAXIMUM_XID && BigInt(position) <= MAXIMUM_POSITION
  // Decoders skip what they do not know: only the one spelling is a cursor.
  return inRange && writeCursor(place) === cursor ? place : null
}
