import { makeInProcessOAuthStores } from '../../../../src/adapters/memory/in-process-oauth-stores.ts'
import { oauthStoresContract } from './oauth-stores.contract.ts'

oauthStoresContract('memory', makeInProcessOAuthStores)
