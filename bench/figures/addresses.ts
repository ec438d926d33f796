import type { Stage } from '../stage.ts'

/** Where the service on real servers is. */
export const addressOf = (stage: Stage) => async (): Promise<string> =>
  (await stage.stand(1)).service.url

/** A route of the bare side. */
export const bareAddress = (stage: Stage, path: string) => async (): Promise<string> =>
  `${(await stage.bare()).url}${path}`
