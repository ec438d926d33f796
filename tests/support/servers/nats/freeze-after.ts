import { connect } from 'nats'
import type { Server } from '../provide/server.ts'

/** Freezes a NATS server as soon as it has passed on so many messages on `user.events` from now on. */
export const freezeAfter = async (nats: Server, messages: number): Promise<void> => {
  const listener = await connect({ servers: new URL(nats.url).host })
  for await (const _ of listener.subscribe('user.events', { max: messages }));
  await nats.freeze()
  // A farewell would wait for an answer.
  void listener.close()
}
