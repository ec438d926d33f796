import { openCards } from '../../../examples/social/cards.ts'
import { positionStoreContract } from './position-store-contract.ts'

positionStoreContract('SQLite, by Social', async () => {
  const { store, close } = openCards(':memory:')
  return { store, close: async () => close() }
})
