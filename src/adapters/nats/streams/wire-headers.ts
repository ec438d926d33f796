import type { MsgHdrs } from 'nats'

/** Headers by their names. */
export const fieldsOf = (headers: MsgHdrs | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries([...(headers ?? [])].map(([name, values]) => [name, values.join()]))
