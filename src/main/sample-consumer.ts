import process from 'node:process'
import type { EventMessage } from '../ports/driven/events/event-publisher.ts'

const decoder = new TextDecoder()

/**
 * Stands in for Backend, Social and Chat in development: prints each message that they would receive, in one line.
 * It shows the payload, email address included, which is why it never runs in production.
 */
export const printEvent = (subject: string, { body }: EventMessage): void => {
  process.stdout.write(`${subject} ${decoder.decode(body)}\n`)
}
