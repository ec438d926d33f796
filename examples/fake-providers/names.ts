export type ProviderName = 'google' | 'facebook' | 'line'

/** What a call is about, the same for all three. */
export type Place = 'discovery' | 'keys' | 'authorize' | 'token' | 'profile' | 'verify'
