import type { JsMsg, MsgHdrs } from 'nats'
import type { WireMessage } from './wire-message.ts'

/** One message as it was handed to this process. */
export type Delivery = {
  readonly wire: WireMessage
  readonly subject: string
  readonly stream: string
  readonly sequence: number
  /** 1 for the first. */
  readonly delivery: number
  readonly arrivedAtMs: number
  readonly message: JsMsg
}

export const deliveryOf = (message: JsMsg, arrivedAtMs: number): Delivery => ({
  wire: { headers: headersOf(message.headers), body: message.data },
  subject: message.subject,
  stream: message.info.stream,
  sequence: message.info.streamSequence,
  delivery: message.info.deliveryCount,
  arrivedAtMs,
  message,
})

/** Several values of one name become one, as in HTTP. */
export const headersOf = (headers: MsgHdrs | undefined): Record<string, string> =>
  Object.fromEntries([...(headers ?? [])].map(([name, values]) => [name, values.join(', ')]))
