import { Unavailable } from '../domain/unavailable.ts'
import type { Passwords } from '../ports/driven/passwords.ts'

/**
 * Under more sign-ins than can be hashed, whoever cannot be served is told so before anything is read or counted: the
 * refusals would cost so much otherwise that they starve those who are served, and everybody else [PW10].
 * @throws Unavailable
 */
export const assertRoom = ({ isFull }: Pick<Passwords, 'isFull'>): void => {
  if (isFull()) throw new Unavailable('the queue to the hasher is full', 1)
}
