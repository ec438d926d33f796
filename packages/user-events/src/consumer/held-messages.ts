import type { JsMsg } from 'nats'

export type HeldMessages = {
  hold(message: JsMsg): void
  /** Sends the final answer about a message, for example `message.ack()`. */
  settle(message: JsMsg, answer: (message: JsMsg) => void): void
  /** Gives back what is still held. The server delivers it again at once, perhaps to another instance. */
  giveBack(): void
}

/**
 * The messages that this process has received and not answered yet. It tells the server three times within each ack wait
 * that a message is being worked on, also while the message waits for its turn.
 */
export const makeHeldMessages = (
  ackWaitSeconds: number,
  failed: (fault: unknown) => void,
): HeldMessages => {
  const held = new Set<JsMsg>()
  const send = (message: JsMsg, answer: (message: JsMsg) => void): void => {
    try {
      answer(message)
    } catch (fault) {
      failed(fault)
    }
  }
  const timer = setInterval(
    () => {
      for (const message of held) send(message, (one) => one.working())
    },
    (ackWaitSeconds * 1000) / 3,
  )
  return {
    hold: (message) => {
      held.add(message)
    },
    settle: (message, answer) => {
      if (held.delete(message)) send(message, answer)
    },
    giveBack: () => {
      clearInterval(timer)
      for (const message of held) send(message, (one) => one.nak())
      held.clear()
    },
  }
}
