import { Unavailable } from '../../domain/shared/unavailable.ts'
import type { Passwords } from '../../ports/driven/passwords/passwords.ts'

/**
 * Whoever cannot be served is told so before anything is counted [PW10]. No place is held: registrations of one address
 * hash one after another, and would keep places from others while they wait for their turn.
 * @throws Unavailable
 */
export const assertRoom = ({ isFull }: Pick<Passwords, 'isFull'>): void => {
  if (isFull()) throw new Unavailable('the queue to the hasher is full', 1)
}
